import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Bot, texts } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';

interface Notice {
  readonly id: string;
  readonly state: string;
  readonly clicks: number;
  readonly recipients: Readonly<Record<string, number>>;
}
/** Half a minute of sending is for the long run. */
const onlyLong = process.env['LONG'] === '1' ? it : it.skip;
const MANY = 10_000;

describe('notices, and what comes with answers', () => {
  let installation: Installation;
  let bot: Bot;
  let people: string[];
  let groupConversation: string;

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { sender: 2 } });
    bot = await Bot.join(installation);
    people = await Promise.all(Array.from({ length: 3 }, () => bot.person()));
    const group = { groupId: `g-${bot.clientId}`, title: 'Team', memberIds: people };
    ({ conversationId: groupConversation } = await installation.sandbox.call<{
      conversationId: string;
    }>('POST', '/groups', group));
  });
  afterAll(() => installation?.stop());

  const conversations = () =>
    installation.sandbox.call<
      { id: string; userId: string | null; clientId: string | null; groupId: string | null }[]
    >('GET', '/conversations');
  const chatWith = async (person: string): Promise<string> => {
    const all = await conversations();
    return all.find((one) => one.userId === person && one.clientId === bot.clientId)?.id ?? '';
  };
  const send = (notice: object): Promise<Notice> =>
    installation.admin.call('POST', '/notices', { channelId: bot.channelId, ...notice });
  const until = (id: string, what: string, is: (notice: Notice) => boolean, withinMs?: number) =>
    eventually(
      what,
      async () => {
        const notice = await installation.admin.call<Notice>('GET', `/notices/${id}`);
        if (!is(notice)) throw new Error(JSON.stringify(notice));
        return notice;
      },
      withinMs,
    );
  const isSent = ({ state }: Notice): boolean => state === 'sent';

  it('reach persons and a group, tell who read them and who is unknown, and are taken back', async () => {
    const { id } = await send({
      title: 'Lunch',
      text: '**Soup** today',
      to: { staffIds: [...people, 'nobody'], conversationIds: [groupConversation] },
    });

    const notice = await until(id, 'it is sent', isSent);

    expect(notice.recipients).toMatchObject({ total: 5, sent: 4, invalid: 1 });
    for (const person of people)
      expect(texts(await bot.replies(await chatWith(person)))).toEqual(['**Soup** today']);
    expect(texts(await bot.replies(groupConversation))).toEqual(['**Soup** today']);

    await installation.admin.call('POST', `/notices/${id}/receipts`);
    await until(id, 'they have read it', ({ recipients }) => recipients['read'] === 4);
    await installation.admin.call('POST', `/notices/${id}/recall`);
    await until(id, 'it is taken back', ({ recipients }) => recipients['recalled'] === 4);
    // A recalled message leaves no trace in the chat.
    expect(await installation.sandbox.entries(groupConversation)).toEqual([]);
  });

  it('come as cards, whose clicks are kept and shown', async () => {
    const [person = ''] = people;
    const { id } = await send({
      kind: 'card',
      title: 'Release',
      text: 'Deploy **now**?',
      buttons: [
        { id: 'yes', label: 'Yes' },
        { id: 'no', label: 'No', color: 'gray' },
      ],
      to: { staffIds: [person] },
    });
    await until(id, 'it is sent', isSent);
    const { items: recipients } = await installation.admin.call<{ items: { id: string }[] }>(
      'GET',
      `/notices/${id}/recipients`,
    );
    const outTrackId = recipients[0]?.id ?? '';
    const press = (userId: string) =>
      installation.sandbox.call<{ acked: boolean }>('POST', '/card-actions', {
        ...{ outTrackId, userId, actionId: 'yes', params: { id: 'yes' } },
      });
    const card = async () =>
      (await installation.sandbox.cards(`clientId=${bot.clientId}`)).find(
        (one) => one.outTrackId === outTrackId,
      );
    expect((await card())?.text).toContain('Deploy **now**?');

    expect(await press(person)).toMatchObject({ acked: true });
    await until(id, 'the click is kept', ({ clicks }) => clicks === 1);
    await eventually('the card says so', async () =>
      JSON.stringify(await card()).includes('Chosen: Yes'),
    );
    await press(String(people[1]));
    await press(person);
    const { items } = await installation.admin.call<{ items: unknown[] }>(
      'GET',
      `/notices/${id}/clicks`,
    );
    expect(items).toMatchObject([{ staffId: person, buttonId: 'yes' }]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });

  it('files of an agent come with its answer: images in it, others below', async () => {
    const pixel =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
    const answer = {
      text: `A plot: ![plot](data:image/png;base64,${pixel})`,
      files: [
        { name: 'report.pdf', base64: Buffer.from('pages').toString('base64') },
        { name: 'run.exe', base64: 'AAAA' },
      ],
    };
    const agent = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = agent.address() as AddressInfo;
      const { id } = await installation.admin.create('/agents', {
        ...{ name: 'outside', kind: 'http', url: `http://127.0.0.1:${port}/` },
      });
      const channel = { defaultAgentId: id };
      const artist = await Bot.join(installation, { channel });
      const person = await artist.person();
      const { conversationId } = await artist.ask(person, 'draw.');

      const [card, file] = await artist.untilReplies(conversationId, 2);

      expect(card?.text).toMatch(
        /^A plot: !\[plot\]\(@lAD[\w-]+\)\n\n\(the file run\.exe could not/,
      );
      expect(file?.text).toMatch(/^\[📄 report\.pdf\]\(\/media\//);
      const media = /\((\/media\/[^)]+)\)/.exec(file?.text ?? '')?.[1] ?? '';
      const saved = await fetch(`${installation.sandbox.url}${media}`);
      expect(await saved.text()).toBe('pages');
    } finally {
      agent.close();
    }
  });

  onlyLong(
    'P7 P4 many of them and answers do not hold each other up, even when a sender dies',
    async () => {
      const crowd = Array.from({ length: MANY }, (_, n) => `crowd${n}`);
      for (let n = 0; n < MANY; n += 200)
        await Promise.all(
          crowd
            .slice(n, n + 200)
            .map((userId) => installation.sandbox.putPerson({ userId, name: userId })),
        );
      const texting = await Bot.join(installation, { channel: { card: { enabled: false } } });
      const asker = await texting.person();
      installation.model.on('quick', (call) => call.slowly(['quick ', 'answer'], 5));

      const { id } = await installation.admin.call<Notice>('POST', '/notices', {
        ...{ channelId: texting.channelId, text: 'to all', to: { staffIds: crowd } },
      });
      const since = Date.now();
      const answers: number[] = [];
      for (let n = 0; n < 2; n += 1) {
        const askedAt = Date.now();
        // By the robot API, in the bucket that the notice is in.
        await texting.answerTo(asker, `quick ${n}.`, {
          overrides: { sessionWebhookExpiredTime: Date.now() - 1_000 },
        });
        answers.push(Date.now() - askedAt);
        const victim = installation.service('sender', n % 2);
        await victim.kill();
        await victim.restart();
      }
      const notice = await until(id, 'it is sent', isSent, 120_000);

      expect(Math.max(...answers)).toBeLessThan(5_000);
      expect(notice.recipients).toMatchObject({ total: MANY, sent: MANY });
      const calls = await installation.sandbox.calls(`clientId=${texting.clientId}&since=${since}`);
      expect(calls.filter(({ status }) => status === 403).length).toBeLessThan(calls.length / 50);
      let twice = 0;
      const all = await conversations();
      for (const one of all.filter(
        ({ clientId, userId }) => clientId === texting.clientId && userId !== asker,
      )) {
        const seen = texts(await texting.replies(one.id));
        const unmarked = seen.filter((text) => text === 'to all');
        expect(unmarked.length).toBeLessThanOrEqual(1);
        expect(seen.length).toBeGreaterThanOrEqual(1);
        twice += seen.length - 1;
      }
      // What was in the air when the sender died.
      expect(twice).toBeLessThanOrEqual(Number(notice.recipients['possiblyTwice']));
    },
  );
});
