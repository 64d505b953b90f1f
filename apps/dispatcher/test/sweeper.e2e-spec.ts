import { createDataSource, Database, migrate } from '@common/persistence';
import { anId, OwnStores, Rows } from '@common/testing';

import { SweeperRepository, type Woken } from '../src/sweeper/sweeper.repository';

let stores: OwnStores;
let rows: Rows;
let database: Database;
let sweeper: SweeperRepository;
const MAY = true;
const MAY_NOT = false;
const idsOf = (woken: readonly Woken[]): string[] => woken.map(({ id }) => id);

beforeEach(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 4, applicationName: 'spec' }));
  sweeper = new SweeperRepository(database);
});
afterEach(async () => {
  await database.close();
  await stores.close();
});

describe('turns and deliveries', () => {
  it('wakes what nobody has and stood still, under a new wake counter', async () => {
    const turn = await rows.aTurn(await rows.aThread(), { wokenSecondsAgo: 4 });

    expect(await sweeper.turns(MAY)).toEqual([
      { id: turn.turnId, tenantId: rows.tenantId, wake: 1 },
    ]);
    expect(idsOf(await sweeper.deliveries(MAY))).toEqual([turn.deliveryId]);
  });

  it('twice: leaves alone what was woken a moment ago', async () => {
    await rows.aTurn(await rows.aThread(), { wokenSecondsAgo: 4 });
    await sweeper.turns(MAY);
    expect(await sweeper.turns(MAY)).toEqual([]);
  });

  it('waits longer with every waking', async () => {
    const { turnId } = await rows.aTurn(await rows.aThread());
    const stand = (wake: number, seconds: number) =>
      stores.sql(
        `UPDATE turn SET wake = $2, woken_at = now() - $3 * interval '1 second' WHERE id = $1`,
        [turnId, wake, seconds],
      );
    for (const [wake, tooSoon, due] of [
      // A busy machine may take a second or two between a row and the look at it.
      [0, 0, 4],
      [2, 9, 13],
      [4, 45, 49],
      [20, 57, 61],
    ] as const) {
      await stand(wake, tooSoon);
      expect(await sweeper.turns(MAY)).toEqual([]);
      await stand(wake, due);
      expect(idsOf(await sweeper.turns(MAY))).toEqual([turnId]);
    }
  });

  it('leaves alone what somebody living has, however long it takes', async () => {
    const owner = await rows.aProcess(1);
    await rows.aTurn(await rows.aThread(), { owner, deliveryOwner: owner, wokenSecondsAgo: 3_600 });
    expect([...(await sweeper.turns(MAY)), ...(await sweeper.deliveries(MAY))]).toEqual([]);
  });

  it('P4 wakes what a dead process had, unless this one may not take over', async () => {
    const owner = await rows.aProcess(7);
    const turn = await rows.aTurn(await rows.aThread(), {
      owner,
      deliveryOwner: owner,
      wokenSecondsAgo: 3,
    });

    expect([...(await sweeper.turns(MAY_NOT)), ...(await sweeper.deliveries(MAY_NOT))]).toEqual([]);
    expect(idsOf(await sweeper.turns(MAY))).toEqual([turn.turnId]);
    expect(idsOf(await sweeper.deliveries(MAY))).toEqual([turn.deliveryId]);
  });

  it('takes an owner that nobody knows for dead', async () => {
    const turn = await rows.aTurn(await rows.aThread(), {
      owner: anId('forgotten'),
      wokenSecondsAgo: 3,
    });
    expect(idsOf(await sweeper.turns(MAY))).toEqual([turn.turnId]);
  });

  it('wakes notices whose time has come, and those of the dead', async () => {
    const channelId = await rows.aChannel();
    const [dead, living] = [await rows.aProcess(7), await rows.aProcess(1)];
    const due = await rows.aNotice(channelId, { wakeSecondsAgo: 1 });
    const orphan = await rows.aNotice(channelId, { wakeSecondsAgo: 1, owner: dead });
    await rows.aNotice(channelId, { wakeSecondsAgo: 1, owner: living });
    await rows.aNotice(channelId, { wakeSecondsAgo: -60 });
    await rows.aNotice(channelId);

    expect(idsOf(await sweeper.notices(MAY_NOT))).toEqual([due.noticeId]);
    expect(idsOf(await sweeper.notices(MAY))).toEqual([orphan.noticeId]);
    expect(await sweeper.notices(MAY)).toEqual([]);
  });

  it('wakes nothing of a turn that waits its turn, and no delivery that ended', async () => {
    const thread = await rows.aThread();
    await rows.aTurn(thread, { wokenSecondsAgo: 0 });
    await rows.aTurn(thread, { state: 'queued', wokenSecondsAgo: 3_600 });
    const ended = await rows.aTurn(await rows.aThread(), {
      state: 'generated',
      wokenSecondsAgo: 60,
    });
    await stores.sql(`UPDATE delivery SET state = 'delivered', ended_at = now() WHERE id = $1`, [
      ended.deliveryId,
    ]);
    expect([...(await sweeper.turns(MAY)), ...(await sweeper.deliveries(MAY))]).toEqual([]);
  });

  it('shows the answer of a turn that was generated while nobody followed it', async () => {
    const turn = await rows.aTurn(await rows.aThread(), { state: 'generated', wokenSecondsAgo: 4 });
    expect(await sweeper.turns(MAY)).toEqual([]);
    expect(idsOf(await sweeper.deliveries(MAY))).toEqual([turn.deliveryId]);
  });
});

it('wakes a row once, however many sweepers look at the same moment', async () => {
  const channel = await rows.aChannel();
  const events: string[] = [];
  for (let n = 0; n < 30; n += 1)
    events.push(await rows.anEvent(channel, anId(`t${n}`), { wokenSecondsAgo: 10 }));

  const sweeps = await Promise.all(
    [1, 2, 3, 4].map(() => new SweeperRepository(database).events()),
  );

  const woken = sweeps.flatMap(idsOf);
  expect([...woken].sort()).toEqual([...events].sort());
});

it('does not wait for rows that somebody else holds', async () => {
  const channel = await rows.aChannel();
  const [held, free] = [
    await rows.anEvent(channel, anId('held'), { wokenSecondsAgo: 10 }),
    await rows.anEvent(channel, anId('free'), { wokenSecondsAgo: 10 }),
  ];
  await database.acrossTenants('sweeper', async (tx) => {
    await tx.query('SELECT id FROM inbound_event WHERE id = $1 FOR UPDATE', [held]);
    expect(idsOf(await sweeper.events())).toEqual([free]);
  });
  expect(idsOf(await sweeper.events())).toEqual([held]);
});

it('finds and activates a queued turn that nobody activated', async () => {
  const thread = await rows.aThread();
  const { turnId, deliveryId } = await rows.aTurn(thread, { state: 'queued', wokenSecondsAgo: 6 });

  expect(await sweeper.strandedThreads()).toEqual([
    { tenantId: rows.tenantId, threadId: thread.threadId },
  ]);
  expect(await sweeper.activate(rows.tenantId, thread.threadId)).toEqual({
    turn: { id: turnId, wake: 0 },
    delivery: { id: deliveryId, wake: 0 },
  });
  expect(await sweeper.strandedThreads()).toEqual([]);
});

it('forgets processes that ended more than a day ago', async () => {
  const [old, recent] = [await rows.aProcess(90_000), await rows.aProcess(3_600)];
  await sweeper.forgetOldIncarnations();
  expect(await stores.sql('SELECT id FROM incarnation')).toEqual([{ id: recent }]);
  expect(old).not.toBe(recent);
});

it('forgets what channels went through more than thirty days ago', async () => {
  const channelId = await rows.aChannel();
  const add = (daysAgo: number) =>
    stores.sql(
      `INSERT INTO channel_transition (id, tenant_id, channel_id, gateway_id, state, code, message, at)
       VALUES (gen_random_uuid(), $1, $2, gen_random_uuid(), 'connected', $3, '', now() - make_interval(days => $4))`,
      [rows.tenantId, channelId, `${daysAgo} days`, daysAgo],
    );
  await Promise.all([add(31), add(29)]);

  await sweeper.forgetOldTransitions();

  expect(
    await stores.sql('SELECT code FROM channel_transition WHERE channel_id = $1', [channelId]),
  ).toEqual([{ code: '29 days' }]);
});
