import { DingTalkRejectedError } from '@common/dingtalk';
import { newId } from '@common/kernel';

import { failing } from '../src/platform/fake-platform.fixture';
import { namesOf, SpecNotices, usersOf } from './notices.fixture';

const api = { api: 'x' };
let world: SpecNotices;

beforeAll(async () => {
  world = await SpecNotices.open();
});
afterAll(() => world.close());

describe('P4 P2 a sender that dies', () => {
  it('leaves the rest to another, and what was in the air is sent once more, marked', async () => {
    const [dead, heir] = [await world.aSender(), await world.aSender()];
    const id = await world.aNotice({ people: 200 });
    let calls = 0;
    const dying = new Promise<void>((resolve) => {
      dead.platform.onCall = () => {
        calls += 1;
        if (calls === 4) resolve();
      };
      // From the fourth on calls never return, as in a process that was killed.
      const hang = new Promise<never>(() => undefined);
      const { robots } = dead.platform.client;
      const send = robots.sendToUsers.bind(robots);
      Object.assign(robots, {
        sendToUsers: (...args: Parameters<typeof send>) =>
          send(...args).then((sent) => (calls >= 4 ? hang : sent)),
      });
    });
    void dead.run(id);
    await dying;
    expect(
      await heir.notices.claim(world.rows.tenantId, id, new AbortController().signal),
    ).toBeNull();
    await dead.die();

    await heir.run(id);

    expect(new Set(await world.states(id))).toEqual(new Set(['sent']));
    const seen = [...dead.platform.calls, ...heir.platform.calls];
    const unmarked = seen.filter(({ text }) => !text.startsWith('(possibly'));
    const people = unmarked.flatMap(usersOf);
    expect(new Set(people).size).toBe(people.length);
    const marked = (await world.recipients(id)).filter((row) => row['possibly_twice']);
    expect(marked.length).toBeGreaterThan(0);
    expect(await world.row(id)).toMatchObject({ state: 'sent', todo: false, owner: null });
  });

  it('makes no card twice: it has the same name', async () => {
    const [dead, heir] = [await world.aSender(), await world.aSender()];
    const id = await world.aNotice({ kind: 'card' });
    await dead.notices.claim(world.rows.tenantId, id, new AbortController().signal);
    await world.stores.sql(
      `UPDATE notice_recipient SET state = 'sending', tries = 1 WHERE notice_id = $1`,
      [id],
    );
    await dead.die();
    heir.platform.created = { delivered: true, repeated: true };

    await heir.run(id);

    const [recipient] = await world.recipients(id);
    expect(recipient).toMatchObject({ state: 'sent', possibly_twice: false });
    expect(heir.platform.calls[0]?.body['outTrackId']).toBe(recipient?.['id']);
  });

  it('told to stop: what is in the air is waited for, and another goes on at once', async () => {
    const sender = await world.aSender();
    const id = await world.aNotice({ people: 300 });
    sender.platform.onCall = () => sender.inHand.handOverAll();

    await sender.run(id);

    const sent = (await world.states(id)).filter((state) => state === 'sent').length;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(300);
    expect((await world.states(id)).filter((state) => state === 'sending')).toEqual([]);
    const { wake } = await world.row(id);
    expect(sender.outbound.jobs).toMatchObject([{ noticeId: id, wake }]);
  });
});

describe('what is done about a notice that was sent', () => {
  const ask = async (id: string, set: string): Promise<void> => {
    await world.stores.sql(`UPDATE notice_recipient SET ${set} WHERE notice_id = $1`, [id]);
    await world.stores.sql('UPDATE notice SET todo = true, wake = wake + 1 WHERE id = $1', [id]);
  };

  it('takes it back, people of one call in one, each group in its own', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice({ people: 30, groups: 1 });
    await run(id);
    platform.calls.length = 0;
    await ask(id, `recall = 'asked'`);

    await run(id);

    expect(namesOf(platform.calls)).toEqual(['recall', 'recall']);
    expect(platform.calls.map(({ body }) => body['openConversationId'])).toContain('group1');
    expect(new Set((await world.recipients(id)).map((row) => row['recall'] as unknown))).toEqual(
      new Set(['recalled']),
    );
    expect(await world.row(id)).toMatchObject({ todo: false });
  });

  it('says why something could not be taken back', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice();
    await run(id);
    await ask(id, `recall = 'asked'`);
    platform.fail = failing(
      ['recall'],
      () => new DingTalkRejectedError({ ...api, platformCode: 'robot.processQueryKey.expired' }),
    );
    await run(id);
    expect(
      await world.stores.one(
        'SELECT recall, recall_error FROM notice_recipient WHERE notice_id = $1',
        [id],
      ),
    ).toEqual({ recall: 'failed', recall_error: 'robot.processQueryKey.expired' });
    expect(await world.row(id)).toMatchObject({ todo: false });
  });

  it('asks who has read it', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice({ people: 2, groups: 1 });
    await run(id);
    await ask(id, `receipt = 'asked'`);
    platform.readers = ['person2', 'somebody'];

    await run(id);

    expect(await world.recipients(id)).toMatchObject([
      { receipt: 'unread', readers: null },
      { receipt: 'read', readers: null },
      { receipt: 'read', readers: 2 },
    ]);
  });

  it('says on the card what was clicked', async () => {
    const { run, platform } = await world.aSender();
    const buttons = [
      { id: 'yes', label: 'Yes', color: 'blue' },
      { id: 'no', label: 'No', color: 'gray' },
    ];
    const id = await world.aNotice({ kind: 'card', people: 1, groups: 1, buttons });
    await run(id);
    expect(platform.calls[0]?.text).toContain('msgButtons');
    platform.calls.length = 0;
    const [person, group] = await world.recipients(id);
    const click = (recipient: unknown, staff: string, button: string) =>
      world.stores.sql(
        `INSERT INTO notice_click (id, tenant_id, notice_id, recipient_id, button_id, staff_id) VALUES ($1, $2, $3, $4, $5, $6)`,
        [newId(), world.rows.tenantId, id, recipient, button, staff],
      );
    await click(person?.['id'], 'person1', 'yes');
    await click(person?.['id'], 'person1', 'no');
    await click(group?.['id'], 'ada', 'yes');
    await click(group?.['id'], 'bob', 'no');
    await world.stores.sql('UPDATE notice SET todo = true, wake = wake + 1 WHERE id = $1', [id]);

    await run(id);

    expect(platform.calls.map(({ text }) => text).sort()).toEqual([
      '{"tips":"Chosen: No"}',
      '{"tips":"ada: Yes；bob: No"}',
    ]);
    expect(await world.row(id)).toMatchObject({ todo: false, state: 'sent' });
    await run(id);
    expect(platform.calls).toHaveLength(2);
  });

  it('late: what is asked for while it is worked on is not overlooked', async () => {
    const { run, platform, outbound } = await world.aSender();
    const id = await world.aNotice();
    platform.onCall = () =>
      void world.stores.sql('UPDATE notice SET todo = true, wake = wake + 1 WHERE id = $1', [id]);
    await run(id);
    const { wake, todo } = await world.row(id);
    expect(todo).toBe(true);
    expect(outbound.jobs).toMatchObject([{ noticeId: id, wake }]);
  });
});
