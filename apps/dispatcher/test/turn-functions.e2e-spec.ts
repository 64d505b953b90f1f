import { migrate } from '@common/persistence';
import { OwnStores, Rows, type ThreadRow, type TurnRow } from '@common/testing';

let stores: OwnStores;
let rows: Rows;
let thread: ThreadRow;
let me: string;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  me = await rows.aProcess();
});
afterAll(() => stores.close());
beforeEach(async () => {
  thread = await rows.aThread();
});

interface Ended {
  readonly ended: boolean;
  readonly turn_id: string | null;
}
const end = (
  { deliveryId }: TurnRow,
  { owner = me, attempt = 0, state = 'delivered' } = {},
): Promise<Ended> =>
  stores.one<Ended>('SELECT * FROM end_delivery($1, $2, $3, $4, $5, $6, NULL, NULL, NULL)', [
    ...[thread.tenantId, deliveryId, owner, attempt, state],
    state === 'delivered' ? 'card' : null,
  ]);
const stateOf = async ({ turnId }: TurnRow): Promise<unknown> =>
  (await stores.one('SELECT state FROM turn WHERE id = $1', [turnId]))['state'];
const generated = () => rows.aTurn(thread, { state: 'generated', deliveryOwner: me });
const queued = () => rows.aTurn(thread, { state: 'queued' });

describe('end_delivery', () => {
  it("ends delivery and turn, and activates the thread's next turn in the same breath", async () => {
    const [first, second, third] = [await generated(), await queued(), await queued()];

    expect(await end(first)).toMatchObject({
      ended: true,
      turn_id: second.turnId,
      delivery_id: second.deliveryId,
    });
    expect([await stateOf(first), await stateOf(second), await stateOf(third)]).toEqual([
      'delivered',
      'active',
      'queued',
    ]);
  });

  it('twice: changes nothing the second time', async () => {
    const [first, second, third] = [await generated(), await queued(), await queued()];
    await end(first);

    expect(await end(first)).toMatchObject({ ended: false, turn_id: null });
    expect([await stateOf(second), await stateOf(third)]).toEqual(['active', 'queued']);
  });

  it('late: changes nothing for another owner or an older attempt', async () => {
    const [first, second] = [await generated(), await queued()];

    expect(await end(first, { owner: await rows.aProcess() })).toMatchObject({ ended: false });
    expect(await end(first, { attempt: 1 })).toMatchObject({ ended: false });

    expect([await stateOf(first), await stateOf(second)]).toEqual(['generated', 'queued']);
    expect(
      await stores.one('SELECT state FROM delivery WHERE id = $1', [first.deliveryId]),
    ).toEqual({
      state: 'open',
    });
  });

  it.each([
    ['answered', 'delivered'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
  ] as const)('ends a turn whose outcome is %s as %s', async (outcome, state) => {
    const turn = await rows.aTurn(thread, { state: 'generated', outcome, deliveryOwner: me });
    await end(turn);
    expect(await stateOf(turn)).toBe(state);
  });

  it('P4 ends the turn of an answer that nobody could be shown, and the thread goes on', async () => {
    const [first, second] = [await generated(), await queued()];
    await stores.sql(`UPDATE delivery SET card_state = 'open' WHERE id = $1`, [first.deliveryId]);

    expect(await end(first, { state: 'undelivered' })).toMatchObject({ turn_id: second.turnId });

    expect(await stateOf(first)).toBe('failed');
    expect(
      await stores.one('SELECT state, card_state FROM delivery WHERE id = $1', [first.deliveryId]),
    ).toEqual({ state: 'undelivered', card_state: 'debt' });
  });

  it('P3 activates one turn when two deliveries of a thread race to their ends', async () => {
    const first = await generated();
    await queued();
    await queued();
    const results = await Promise.all(Array.from({ length: 5 }, () => end(first)));
    expect(results.filter(({ ended }) => ended)).toHaveLength(1);
    expect(
      await stores.sql(`SELECT id FROM turn WHERE thread_id = $1 AND state = 'active'`, [
        thread.threadId,
      ]),
    ).toHaveLength(1);
  });
});

describe('activate_next_turn', () => {
  const activate = () =>
    stores.sql('SELECT * FROM activate_next_turn($1, $2)', [thread.tenantId, thread.threadId]);

  it('takes the first in order, and none while one is open', async () => {
    const [first] = [await queued(), await queued()];
    expect(await activate()).toMatchObject([
      { turn_id: first.turnId, delivery_id: first.deliveryId },
    ]);
    expect(await activate()).toEqual([]);
  });

  it('P3 says when it was, however long before its transaction began', async () => {
    const next = await queued();
    const [row] = await stores.sql(
      `WITH later AS MATERIALIZED (SELECT pg_sleep(0.02)), moment AS MATERIALIZED (SELECT clock_timestamp() AS at FROM later),
            ours AS MATERIALIZED (SELECT a.turn_id, m.at FROM moment m CROSS JOIN LATERAL activate_next_turn($1, $2) a)
       SELECT turn_id, at FROM ours`,
      [thread.tenantId, thread.threadId],
    );
    expect(row).toMatchObject({ turn_id: next.turnId });

    const { is_after: isAfter } = await stores.one(
      'SELECT activated_at >= $2 AS is_after FROM turn WHERE id = $1',
      [next.turnId, (row as { at: Date }).at],
    );
    expect(isAfter).toBe(true);
  });

  it('P6 takes no turn of another thread', async () => {
    await rows.aTurn(await rows.aThread(), { state: 'queued' });
    expect(await activate()).toEqual([]);
  });
});
