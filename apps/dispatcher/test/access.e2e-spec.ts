import { newId } from '@common/kernel';
import { migrate } from '@common/persistence';
import { eventually, OwnStores, Rows } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';
import { Talker } from './talker.fixture';

let stores: OwnStores;
let rows: Rows;
let dispatcher: SpecDispatcher;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(() => stores.close());
beforeEach(async () => {
  dispatcher = await SpecDispatcher.on(stores);
});
afterEach(() => dispatcher.close());

const somebody = (channelId: string, seat = {}): Talker =>
  new Talker({ stores, rows, dispatcher }, channelId, seat);
const aChannel = async (columns: Record<string, object>): Promise<string> => {
  const id = await rows.aChannel();
  for (const [column, value] of Object.entries(columns))
    await stores.sql(`UPDATE channel SET ${column} = $2 WHERE id = $1`, [
      ...[id, JSON.stringify(value)],
    ]);
  return id;
};
const standing = (memberId: string) =>
  stores.one('SELECT * FROM member_channel WHERE member_id = $1', [memberId]);

it('opens nothing for somebody without access: one sentence a minute, no turn, no jobs but that reply', async () => {
  const person = somebody(await aChannel({ access: { allow: { departments: ['d1'] } } }));
  const heard = [];
  for (let n = 0; n < 20; n += 1) heard.push(await person.say(`let me in ${n}`));

  expect(new Set(heard.map(({ cause }) => cause))).toEqual(new Set(['accessDenied']));
  expect(heard.filter(({ said }) => said !== '')).toHaveLength(1);
  expect(await person.turns()).toEqual([]);
  expect(
    [dispatcher.generation.jobs, dispatcher.delivery.jobs].map(({ length }) => length),
  ).toEqual([0, 1]);
  await stores.sql(`UPDATE member_channel SET refused_at = now() - interval '61 seconds'`);
  expect((await person.say('and now')).said).toContain('may not use this bot');
});

it('knows the departments and roles of a member', async () => {
  const channelId = await aChannel({ access: { allow: { departments: ['d1'], roles: ['boss'] } } });
  const [one, other] = [somebody(channelId), somebody(channelId)];
  await one.say('hello');
  await other.say('hello');
  const attributes = (who: Talker, value: object) =>
    who
      .memberId()
      .then((id) =>
        stores.sql('UPDATE member SET attributes = $2 WHERE id = $1', [id, JSON.stringify(value)]),
      );
  await attributes(one, { departments: ['d0', 'd1'] });
  await attributes(other, { roles: ['boss'] });

  expect([(await one.say('hello')).cause, (await other.say('hello')).cause]).toEqual([
    ...['question', 'question'],
  ]);
});

it('waits for an administrator’s approval at first contact', async () => {
  const person = somebody(await aChannel({ access: { pairing: true } }));

  expect((await person.say('hello')).cause).toBe('pairingAsked');
  expect((await person.say('hello?')).cause).toBe('pairingPending');
  expect(await standing(await person.memberId())).toMatchObject({
    pairing: 'pending',
    pairing_asked_at: expect.any(Date) as Date,
  });
  await stores.sql(`UPDATE member_channel SET pairing = 'approved' WHERE channel_id = $1`, [
    person.channelId,
  ]);
  expect((await person.say('hello!')).cause).toBe('question');
});

/** Minutes are those of the clock: what is counted in one of them must not meet its end. */
const wellBeforeTheNextMinute = () =>
  eventually(async () => {
    const { left } = await stores.one<{ left: number }>(
      `SELECT 60 - extract(second FROM now())::float AS left`,
    );
    return left > 8;
  });

it('counts what one person asks in a minute and on a day, and refusals not at all', async () => {
  await wellBeforeTheNextMinute();
  const person = somebody(await aChannel({ access: { perMember: { perMinute: 2, perDay: 3 } } }));
  const causes = async (times: number) => {
    const heard = [];
    for (let n = 0; n < times; n += 1) heard.push((await person.say('hello')).cause);
    return heard;
  };
  expect(await causes(4)).toEqual(['question', 'question', 'tooManyMessages', 'tooManyMessages']);
  await stores.sql(`UPDATE member_channel SET minute_at = minute_at - interval '1 minute'`);
  expect(await causes(2)).toEqual(['question', 'dailyQuota']);
  await stores.sql(`UPDATE member_channel SET day_on = day_on - 1, minute_at = NULL`);
  expect(await causes(1)).toEqual(['question']);
});

it('counts what a whole channel asks', async () => {
  await wellBeforeTheNextMinute();
  const channelId = await aChannel({ access: { perChannel: { perMinute: 2 } } });
  const heard = [];
  for (let n = 0; n < 3; n += 1) heard.push((await somebody(channelId).say('hello')).cause);
  expect(heard).toEqual(['question', 'question', 'channelBusy']);
});

it('says once to a flood of commands that it is too fast', async () => {
  await wellBeforeTheNextMinute();
  const person = somebody(await aChannel({ access: { commandsPerMinute: 2 } }));
  const heard = [];
  for (let n = 0; n < 5; n += 1) heard.push(await person.say('/status'));
  expect(heard.map(({ said }) => said !== '')).toEqual([true, true, true, false, false]);
});

it('is in maintenance for everybody, in the channel’s words', async () => {
  const words = { maintenance: true, maintenanceMessage: 'Back in an hour.' };
  const person = somebody(await aChannel({ service: words }));
  expect(await person.say('hello')).toMatchObject({
    cause: 'maintenance',
    said: 'Back in an hour.',
  });
});

it('lets nobody in while its rules cannot be read', async () => {
  const person = somebody(await aChannel({ access: { alow: {} } }));
  expect((await person.say('hello')).cause).toBe('accessUnreadable');
});

it('takes the platform’s word that somebody administers the bot’s own organisation', async () => {
  const person = somebody(await aChannel({ access: { adminCommands: ['models'] } }));
  expect((await person.say('/models')).cause).toBe('commandForAdmins');
  expect((await person.say('/models', { isSenderAdmin: true })).cause).toBe('command_models');
  const elsewhere = { isSenderAdmin: true, corpId: 'another' };
  expect((await person.say('/models', elsewhere)).cause).toBe('commandForAdmins');
});

it('welcomes a person at first contact, once, where the channel does so', async () => {
  const person = somebody(await aChannel({ welcome: { onFirstContact: true } }));
  expect((await person.say('hello')).said).toContain('/help');
  expect((await person.say('hello')).said).toBe('');
});

describe('another agent', () => {
  const anAgent = async (): Promise<string> => {
    const id = newId();
    await stores.sql(`INSERT INTO agent (id, tenant_id, name) VALUES ($1, $2, 'A')`, [
      ...[id, rows.tenantId],
    ]);
    await stores.sql(
      `INSERT INTO agent_version (id, tenant_id, agent_id, version, kind) VALUES ($1, $2, $1, 1, 'demo')`,
      [id, rows.tenantId],
    );
    await stores.sql('UPDATE agent SET current_version_id = $1 WHERE id = $1', [id]);
    return id;
  };
  const override = (channelId: string, kind: string, value: string, agentId: string) =>
    stores.sql(
      `INSERT INTO channel_override (id, tenant_id, channel_id, kind, value, agent_id) VALUES ($1, $2, $3, $4, $5, $6)`,
      [newId(), rows.tenantId, channelId, kind, value, agentId],
    );
  const agentOf = async (turnId: string | null): Promise<unknown> =>
    (await stores.one('SELECT agent_version_id FROM turn WHERE id = $1', [turnId]))[
      'agent_version_id'
    ];

  it('answers a group, else a department, else it is the channel’s', async () => {
    const channelId = await rows.aChannel();
    const [usual, ofGroup, ofDepartment] = [await anAgent(), await anAgent(), await anAgent()];
    await stores.sql('UPDATE channel SET default_agent_id = $2 WHERE id = $1', [channelId, usual]);
    await override(channelId, 'department', 'd1', ofDepartment);
    await override(channelId, 'group', 'cid-a', ofGroup);
    const direct = somebody(channelId);
    const inGroup = somebody(channelId, { staffId: direct.staffId, group: 'cid-a' });
    const said = async (who: Talker) => agentOf((await who.say('hello')).turnId);

    expect(await said(direct)).toBe(usual);
    await stores.sql(`UPDATE member SET attributes = '{"departments":["d1"]}' WHERE id = $1`, [
      await direct.memberId(),
    ]);
    expect(await said(direct)).toBe(ofDepartment);
    expect(await said(inGroup)).toBe(ofGroup);
    await stores.sql('UPDATE agent SET deleted_at = now() WHERE id = $1', [ofGroup]);
    expect(await said(inGroup)).toBe(ofDepartment);
  });
});
