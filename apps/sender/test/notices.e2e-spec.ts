import {
  DingTalkQuotaError,
  DingTalkRejectedError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
  RecipientRejectedError,
} from '@common/dingtalk';

import { failing } from '../src/platform/fake-platform.fixture';
import { namesOf, SpecNotices, usersOf } from './notices.fixture';

const api = { api: 'x' };
let world: SpecNotices;

beforeAll(async () => {
  world = await SpecNotices.open();
});
afterAll(() => world.close());

const unknown = () => new DingTalkUnknownOutcomeError(api);

describe('sending', () => {
  it('goes to twenty people in one call, and to each group in its own', async () => {
    const { run, platform, budget } = await world.aSender();
    const id = await world.aNotice({ people: 45, groups: 2 });

    await run(id);

    expect(namesOf(platform.calls).sort()).toEqual([
      ...['toGroup', 'toGroup', 'toUsers', 'toUsers', 'toUsers'],
    ]);
    const people = platform.calls.flatMap((call) => usersOf(call) ?? []);
    expect(new Set(people).size).toBe(45);
    expect(platform.calls[0]?.body['content']).toEqual({
      ...{ kind: 'markdown', title: 'Lunch', text: '**Soup** today' },
    });
    expect(new Set(budget.asked.map(({ purpose }) => purpose))).toEqual(new Set(['notice']));
    expect(await world.row(id)).toMatchObject({ state: 'sent', todo: false, owner: null });
    expect(new Set(await world.states(id))).toEqual(new Set(['sent']));
  });

  it('goes to nobody who was erased while a try of theirs was under way', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice({ people: 3 });
    await world.stores.sql(
      'UPDATE notice_recipient SET address = NULL WHERE notice_id = $1 AND n = 2',
      [id],
    );

    await run(id);

    expect(platform.calls.flatMap((call) => usersOf(call) ?? [])).toHaveLength(2);
    expect((await world.states(id)).sort()).toEqual(['cancelled', 'sent', 'sent']);
    expect(await world.row(id)).toMatchObject({ state: 'sent', todo: false });
  });

  it('P2 twice and at once: everybody gets it once', async () => {
    const senders = await Promise.all([world.aSender(), world.aSender()]);
    const id = await world.aNotice({ people: 50 });

    await Promise.all(senders.map(({ run }) => run(id)));
    for (const { run } of senders) await run(id);

    const people = senders.flatMap(({ platform }) =>
      platform.calls.flatMap((call) => usersOf(call) ?? []),
    );
    expect(people).toHaveLength(50);
    expect(new Set(people).size).toBe(50);
  });

  it('C63 tells who is unknown, and tries the flow-controlled again later, alone', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice({ people: 3 });
    platform.invalid = ['person1'];
    platform.flowControlled = ['person2'];

    await run(id);
    expect(await world.recipients(id)).toMatchObject([
      { state: 'invalid', error_code: 'recipient_rejected' },
      { state: 'pending', tries: 0, waits: 1 },
      { state: 'sent' },
    ]);
    expect(await world.row(id)).toMatchObject({ state: 'sending', todo: true, owner: null });

    platform.flowControlled = [];
    await world.stores.sql(`UPDATE notice_recipient SET not_before = now() WHERE notice_id = $1`, [
      id,
    ]);
    await run(id);
    expect(usersOf(platform.calls.at(-1))).toEqual(['person2']);
    expect(await world.states(id)).toEqual(['invalid', 'sent', 'sent']);
    expect(await world.row(id)).toMatchObject({ state: 'sent', todo: false });
  });

  it('leaves somebody alone whom the platform never lets through', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice();
    platform.flowControlled = ['person1'];
    for (let n = 0; n < 8; n += 1) {
      await world.stores.sql(
        `UPDATE notice_recipient SET not_before = now() WHERE notice_id = $1`,
        [id],
      );
      await run(id);
    }
    expect(platform.calls).toHaveLength(6);
    expect(await world.states(id)).toEqual(['flow_controlled']);
    expect(await world.row(id)).toMatchObject({ state: 'sent', todo: false });
  });

  it('sends one by one when the platform refuses twenty for the sake of one', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice({ people: 3 });
    platform.fail = (call) => {
      const users = usersOf(call);
      return users.includes('person2') ? new RecipientRejectedError(api) : undefined;
    };
    await run(id);
    expect(await world.states(id)).toEqual(['sent', 'invalid', 'sent']);
  });

  it('repeats an unknown outcome once, marked; a second one is for operators', async () => {
    const { run, platform } = await world.aSender();
    const [once, twice] = [await world.aNotice({ people: 2 }), await world.aNotice()];
    platform.fail = failing(['toUsers'], unknown, 1);
    await run(once);
    expect(platform.calls.map(({ text }) => text)).toEqual([
      '**Soup** today',
      '(possibly sent twice)\n\n**Soup** today',
    ]);
    expect(await world.recipients(once)).toMatchObject([
      { state: 'sent', possibly_twice: true },
      { state: 'sent', possibly_twice: true },
    ]);

    platform.fail = failing(['toUsers'], unknown);
    await run(twice);
    expect(platform.calls).toHaveLength(4);
    expect(await world.recipients(twice)).toMatchObject([
      { state: 'unknown', error_code: 'unknown_outcome', possibly_twice: true },
    ]);
  });

  it('waits when nothing was sent, without a mark', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice();
    platform.fail = failing(['toUsers'], () => new DingTalkUnavailableError(api));
    await run(id);
    expect(await world.recipients(id)).toMatchObject([{ state: 'pending', tries: 0 }]);
    expect(await world.row(id)).toMatchObject({ state: 'sending', todo: true, owner: null });
    platform.fail = () => undefined;
    await run(id);
    expect(await world.recipients(id)).toMatchObject([{ state: 'sent', possibly_twice: false }]);
  });

  it('tells a refusal of one from one of all', async () => {
    const { run, platform } = await world.aSender();
    const [one, all] = [
      await world.aNotice({ groups: 2, people: 0 }),
      await world.aNotice({ people: 90 }),
    ];
    platform.fail = failing(['toGroup'], () => new DingTalkRejectedError(api), 1);
    await run(one);
    expect((await world.states(one)).sort()).toEqual(['failed', 'sent']);

    platform.fail = failing(['toUsers'], () => new DingTalkQuotaError(api));
    await run(all);
    expect(
      new Set((await world.recipients(all)).map((row) => row['error_code'] as unknown)),
    ).toEqual(new Set(['quota']));
    expect(await world.row(all)).toMatchObject({ state: 'sent', todo: false });
  });

  it('C66 sends nothing when the allowance is used up, or the channel is off', async () => {
    const { run, platform } = await world.aSender();
    const channelId = await world.aChannel();
    const spent = await world.aNotice({ channelId });
    await world.stores.sql(
      `INSERT INTO allowance_refusal (tenant_id, channel_id, kind, refused_at) VALUES ($1, $2, 'api', now() + interval '1 second')`,
      [world.rows.tenantId, channelId],
    );
    await run(spent);
    const off = await world.aNotice({
      channelId: await world.aChannel({ enabled: false }),
    });
    await run(off);
    expect(platform.calls).toEqual([]);
    expect(await world.recipients(spent)).toMatchObject([{ state: 'failed', error_code: 'quota' }]);
    expect(await world.recipients(off)).toMatchObject([
      { state: 'failed', error_code: 'channel_disabled' },
    ]);
  });

  it('sends nothing before its time', async () => {
    const { run, platform } = await world.aSender();
    const id = await world.aNotice({ sendInSeconds: 3_600 });
    await run(id);
    expect(platform.calls).toEqual([]);
    expect(await world.row(id)).toMatchObject({ state: 'scheduled', todo: true });
  });
});
