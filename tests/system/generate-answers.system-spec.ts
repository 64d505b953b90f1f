import { join } from 'node:path';

import { timed } from '@common/testing';

import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { ModelCall, toolCall } from './support/model-call';
import { plainAnswerTo } from './support/model-server';
import { projectRoot } from './support/stack';
import { takeoverMs } from './support/talks';

interface Attempt {
  readonly attempt: number;
  readonly state: string;
  readonly counted: boolean;
  readonly inputTokens: number;
  readonly toolCalls: number;
}

const everything = join(
  projectRoot(),
  'node_modules/@modelcontextprotocol/server-everything/dist/index.js',
);

describe('the generator, end to end', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    const stdio = { local: { command: process.execPath, args: [everything, 'stdio'] } };
    installation = await Installation.start({
      env: { MCP_STDIO_SERVERS: JSON.stringify(stdio), MODEL_SILENCE_TIMEOUT_MS: '5000' },
    });
    bot = await Bot.join(installation);
  });

  afterAll(() => installation?.stop());

  const giveTools = async ({ clientId }: Bot, tools: readonly string[]): Promise<void> => {
    const agents = await installation.admin.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/agents?limit=200',
    );
    const agent = agents.items.find(({ name }) => name === `agent of ${clientId}`);
    await installation.admin.change(`/agents/${agent?.id ?? ''}`, { tools });
  };

  const attemptsOf = async (msgId: string): Promise<Attempt[]> => {
    const [turn] = await installation.admin.turnsOf(msgId);
    const { items } = await installation.admin.call<{ items: Attempt[] }>(
      'GET',
      `/usage/attempts?turnId=${turn?.id ?? ''}`,
    );
    return items.sort((one, other) => one.attempt - other.attempt);
  };

  it('kill -9 in mid-answer: the next attempt finishes, no text twice, the ledger has both and the quota one', async () => {
    const held = installation.model.hold('kill me');
    const asked = await bot.ask(await bot.person(), 'kill me');
    await bot.untilWords(asked.conversationId, held.text.slice(0, 20));

    await installation.service('generator').kill();
    await installation.service('generator').restart();
    await held.asked(2, takeoverMs);
    held.release();

    const [reply] = await bot.untilReplies(asked.conversationId, 1, takeoverMs);
    expect(reply?.text).toBe(held.text);
    expect(await attemptsOf(asked.msgId)).toMatchObject([
      { attempt: 1, state: 'lost', counted: false },
      { attempt: 2, state: 'answered', counted: true, inputTokens: 7 },
    ]);
  });

  it('a break in mid-answer begins anew, and nobody sees the words twice', async () => {
    const text = plainAnswerTo('break once');
    installation.model.on('break once', async (call) => {
      const isFirst = installation.model.about('break once').length === 1;
      await call.segment(ModelCall.event(JSON.stringify(text.slice(0, 25))));
      if (isFirst) return call.cut();
      call.say(text.slice(25));
      call.end();
    });

    const asked = await bot.ask(await bot.person(), 'break once');
    const [reply] = await bot.untilReplies(asked.conversationId, 1);

    expect(reply?.text).toBe(text);
    expect(await attemptsOf(asked.msgId)).toMatchObject([
      { state: 'restarted', counted: false },
      { state: 'answered', counted: true },
    ]);
  });

  /** Says a few words and no more; resolves when the caller has gone. */
  const endOfCallAbout = (needle: string): Promise<void> =>
    new Promise((resolve) =>
      installation.model.on(needle, async (call) => {
        call.say('Once upon a time');
        await call.gone;
        resolve();
      }),
    );

  it('cancel closes the request at the model within a second, and keeps what was said', async () => {
    const ending = endOfCallAbout('stop me');
    const asked = await bot.ask(await bot.person(), 'stop me');
    await bot.untilWords(asked.conversationId, 'Once upon');
    const [turn] = await installation.admin.turnsOf(asked.msgId);

    const { tookMs } = await timed(async () => {
      await installation.admin.call('POST', `/turns/${turn?.id ?? ''}/cancel`);
      await ending;
    });

    expect(tookMs).toBeLessThan(1_500);
    const [reply] = await bot.untilReplies(asked.conversationId, 1);
    expect(reply?.text).toBe('Once upon a time\n\n(stopped)');
  });

  it('cancel is seen within three seconds when its announcement is lost', async () => {
    const ending = endOfCallAbout('stop me unheard');
    const asked = await bot.ask(await bot.person(), 'stop me unheard');
    await bot.untilWords(asked.conversationId, 'Once upon');
    const [turn] = await installation.admin.turnsOf(asked.msgId);

    const { tookMs } = await timed(async () => {
      // The row alone, as if nobody had heard of it.
      const cancel = 'UPDATE turn SET cancel_requested_at = now() WHERE id = $1';
      await installation.schema.query(cancel, [turn?.id]);
      await ending;
    });

    expect(tookMs).toBeLessThan(3_000);
    const [reply] = await bot.untilReplies(asked.conversationId, 1);
    expect(reply?.text).toBe('Once upon a time\n\n(stopped)');
  });

  describe('with a real MCP server from npm', () => {
    let helper: Bot;

    beforeAll(async () => {
      helper = await Bot.join(installation);
      const { id } = await installation.admin.create('/tool-servers', {
        name: 'every',
        transport: 'stdio',
        command: 'local',
        // Its process has to start in this time, too.
        timeoutSeconds: 4,
      });
      await giveTools(helper, ['current_time', id]);
    });

    /** Asks for the tool first, and says what it was told. */
    const scripted = (needle: string, name: string, args: object) =>
      installation.model.on(needle, (call) => {
        const told = call.request.messages.find(({ role }) => role === 'tool');
        if (told) call.say(`It said: ${told.content}`);
        else call.bytes(toolCall(name, args));
        call.end();
      });

    it('uses it in an answer', async () => {
      scripted('ring it', 'every__echo', { message: 'ding dong' });

      const asked = await helper.ask(await helper.person(), 'ring it');
      const [reply] = await helper.untilReplies(asked.conversationId, 1);

      expect(reply?.text).toMatch(/^It said: .*ding dong/);
      expect(await attemptsOf(asked.msgId)).toMatchObject([{ toolCalls: 1, inputTokens: 14 }]);
      const rows = await installation.schema.query<{ state: string; name: string }>(
        'SELECT state, name FROM tool_call',
      );
      expect(rows).toEqual([{ state: 'finished', name: 'every__echo' }]);
    });

    it('is not hung by a tool that hangs', async () => {
      const name = 'every__trigger-long-running-operation';
      scripted('wait for it', name, { duration: 60, steps: 2 });

      const asked = await helper.ask(await helper.person(), 'wait for it');
      const [reply] = await helper.untilReplies(asked.conversationId, 1);

      expect(reply?.text).toContain('did not answer in time');
    });
  });

  describe('with a tool that asks first', () => {
    let careful: Bot;

    beforeAll(async () => {
      careful = await Bot.join(installation);
      const { id } = await installation.admin.create('/tool-servers', {
        name: 'careful',
        transport: 'stdio',
        command: 'local',
        askFirst: ['*'],
      });
      await giveTools(careful, [id]);
      installation.model.on('order it', (call) => {
        const told = call.request.messages.find(({ role }) => role === 'tool');
        if (told) call.say(`It said: ${told.content}`);
        else call.bytes(toolCall('careful__echo', { message: 'two bells' }));
        call.end();
      });
    });

    it.each([
      ['/confirm', /It said: .*two bells/],
      ['/decline', /did not agree/],
    ])('%s ends the waiting', async (command, answer) => {
      const person = await careful.person();
      const asked = await careful.ask(person, 'order it');
      await careful.untilWords(asked.conversationId, 'two bells');
      await eventually('it waits, and holds nothing', async () => {
        const rows = await installation.schema.query<{ owner: string | null; state: string }>(
          `SELECT t.owner, t.state FROM turn t JOIN inbound_event e ON e.turn_id = t.id
            WHERE e.platform_message_id = $1`,
          [asked.msgId],
        );
        return rows[0]?.state === 'waiting' && rows[0].owner === null;
      });

      await careful.ask(person, command);

      const replies = await careful.untilReplies(asked.conversationId, 2);
      expect(replies.some(({ text }) => answer.test(text))).toBe(true);
      expect(await attemptsOf(asked.msgId)).toMatchObject([
        { state: 'waiting', counted: false },
        { state: 'answered', counted: true },
      ]);
    });

    it('without a card the question is a message, and a word in the chat decides', async () => {
      await installation.admin.change(`/channels/${careful.channelId}`, {
        card: { enabled: false },
      });
      const person = await careful.person();
      const asked = await careful.ask(person, 'order it');
      const [question] = await careful.untilReplies(asked.conversationId, 1);
      expect(question?.text).toMatch(/Your agreement is needed .*two bells/);

      await careful.ask(person, '好的');

      const [, answer] = await careful.untilReplies(asked.conversationId, 2);
      expect(answer?.text).toMatch(/It said: .*two bells/);
      await installation.admin.change(`/channels/${careful.channelId}`, {
        card: { enabled: true },
      });
    });

    it('a turn that waits can be cancelled', async () => {
      const asked = await careful.ask(await careful.person(), 'order it');
      await careful.untilWords(asked.conversationId, 'two bells');
      const [turn] = await installation.admin.turnsOf(asked.msgId);
      await installation.admin.call('POST', `/turns/${turn?.id ?? ''}/cancel`);
      const [reply] = await careful.untilReplies(asked.conversationId, 1);
      expect(reply?.text).toBe('(stopped)');
    });
  });

  it('P6 P8 what a model is sent never has words of another session, ids of the platform, or secrets', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => bot.person()));
    const groupId = await bot.group(people);
    const marks = new Map<string, string>();
    // In 1:1 chats and a group, in turns, so that sessions interleave.
    for (let round = 0; round < 3; round += 1)
      await Promise.all(
        people.flatMap((person, n) =>
          [undefined, groupId].map(async (where) => {
            const session = `${n}${where ? 'g' : 'd'}`;
            const mark = `mark-${session}-${round}`;
            marks.set(mark, session);
            await bot.ask(person, mark, where ? { groupId: where } : {});
          }),
        ),
      );
    await eventually(
      'all are answered',
      () => installation.model.about('mark-').length >= 36,
      60_000,
    );

    const secrets = [
      bot.clientId,
      groupId,
      ...people,
      installation.adminKey,
      installation.masterKeys,
    ];
    for (const request of installation.model.about('mark-')) {
      const sent = JSON.stringify(request.messages);
      const own = /mark-(\w+)-\d/.exec(request.question)?.[1];
      for (const [mark, session] of marks) if (session !== own) expect(sent).not.toContain(mark);
      for (const secret of secrets) expect(sent).not.toContain(secret);
      expect(sent).not.toMatch(/cid|conversationId|staffId|sessionWebhook|sk-[0-9a-f]{8}/);
    }
  });

  it('sums what was used by member, and leaves no open card', async () => {
    const { items } = await installation.admin.call<{
      items: { turns: number; attempts: number; countedTokens: number }[];
    }>('GET', `/usage?groupBy=member&channelId=${bot.channelId}`);
    expect(items.length).toBeGreaterThanOrEqual(9);
    expect(items.some(({ turns, attempts }) => attempts > turns)).toBe(true);
    await eventually('no card is open', async () => {
      return (await installation.sandbox.openCards()).length === 0;
    });
  });

  it('a form in a card: the answer to a click is empty and quick, and the agent reads the choice', async () => {
    const asking = await Bot.join(installation, {
      channel: { card: { enabled: true, templateId: 'carillon-sandbox.schema', buttons: true } },
    });
    await giveTools(asking, ['ask_person']);
    installation.model.on('book it', (call) => {
      const told = call.request.messages.find(({ role }) => role === 'tool');
      const form = { question: 'Where to?', choices: ['Beijing', 'Shanghai'] };
      if (told) call.say(`Booked for ${told.content}.`);
      else call.bytes(toolCall('ask_person', form));
      call.end();
    });
    const person = await asking.person();
    const asked = await asking.ask(person, 'book it');
    await asking.untilWords(asked.conversationId, '2. Shanghai');
    const card = await eventually('its buttons are those of the form', async () => {
      const [open] = await installation.sandbox.openCards(`clientId=${asking.clientId}`);
      return open?.params?.['carillonState'] === 'form' && open;
    });
    expect(card.params?.['carillonChoices']).toBe('["Beijing","Shanghai"]');

    const click = { outTrackId: card.outTrackId, actionId: 'answer', params: { value: '2' } };
    const clicked = await installation.sandbox.call<{ acked: boolean; tookMs: number }>(
      'POST',
      '/card-actions',
      { ...click, clientId: asking.clientId, userId: person },
    );

    expect(clicked).toMatchObject({ acked: true, response: {} });
    expect(clicked.tookMs).toBeLessThan(2_000);
    const [reply] = await asking.untilReplies(asked.conversationId, 1);
    expect(reply?.text).toBe('Booked for Shanghai.');
  });
});
