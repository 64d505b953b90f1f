import { randomBytes } from 'node:crypto';

import type { Incarnation } from '@common/bootstrap';
import { DingTalkRejectedError } from '@common/dingtalk';
import { SecretBox } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { eventually, OwnStores, Rows, standIn, type TurnRow } from '@common/testing';

import type { ClaimedDelivery } from '../src/delivery/claimed-delivery';
import { DeliveryRepository } from '../src/delivery/delivery.repository';
import { QueuedDeliveryRepository } from '../src/queueing/queued-delivery.repository';
import { ReactionRefusals } from '../src/reaction/reaction-refusals.repository';
import type { SenderConfig } from '../src/sender.config';

const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
const config = standIn<SenderConfig>({
  SENDER_CALL_TIMEOUT_MS: 4_000,
  SENDER_CALLS_PER_SECOND: 18,
});
const { signal } = new AbortController();

let stores: OwnStores;
let rows: Rows;
let database: Database;
let deliveries: DeliveryRepository;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 4, applicationName: 'spec' }));
  const id = await rows.aProcess();
  const incarnation = standIn<Incarnation>({ id, term: 1, mayTakeOver: () => true });
  deliveries = new DeliveryRepository(database, incarnation, secrets, config);
});
afterAll(async () => {
  await database.close();
  await stores.close();
});

const aThread = async (card: object) => {
  const settings = { enabled: false, pace: 'balanced', ...card };
  const clientSecret = secrets.seal('client secret');
  return rows.aThread(await rows.aChannel({ card: settings, clientSecret }));
};
async function claimed({ deliveryId }: TurnRow): Promise<ClaimedDelivery> {
  const delivery = await deliveries.claim(rows.tenantId, deliveryId, signal);
  if (!delivery) throw new Error('not claimed');
  return delivery;
}

describe('what an asker sees before the answer', () => {
  it.each([true, false])(
    'lists a question that waits behind others until somebody has told its place; with cards: %s',
    async (enabled) => {
      const queued = new QueuedDeliveryRepository(database);
      const thread = await aThread({ enabled });
      await rows.aTurn(thread);
      const turn = await rows.aTurn(thread, { state: 'queued' });
      const place = async () =>
        (await queued.waiting(1_000)).find(({ id }) => id === turn.deliveryId)?.place;
      expect(await place()).toBeUndefined();

      await stores.sql("UPDATE turn SET created_at = now() - interval '4 seconds' WHERE id = $1", [
        turn.turnId,
      ]);
      expect(await place()).toBe(1);
      await deliveries.release(await claimed(turn));
      expect(await place()).toBeUndefined();
    },
  );

  it('C70 knows the question to react to, where that is wanted and not refused', async () => {
    const asked = async (card: object) => {
      const thread = await aThread(card);
      const turn = await rows.aTurn(thread, { state: 'generated' });
      const question = await rows.anEvent(thread.channelId, thread.threadId);
      await stores.sql('UPDATE inbound_event SET turn_id = $2 WHERE id = $1', [
        question,
        turn.turnId,
      ]);
      return { turn, question };
    };
    expect((await claimed((await asked({})).turn)).reactTo).toBeNull();

    const { turn, question } = await asked({ acknowledge: 'reaction' });
    const delivery = await claimed(turn);
    expect(delivery.reactTo).toBe(question);

    const error = new DingTalkRejectedError({ api: 'x', platformCode: 'no.permission' });
    await new ReactionRefusals(database).remember(delivery, error);
    expect((await claimed(turn)).reactTo).toBeNull();
  });
});

describe('what ends at the same moment', () => {
  const end = { state: 'delivered', way: 'card', cardState: 'finished', error: null } as const;

  it('P3 ends together, and each thread goes on with its own next turn', async () => {
    const [mine, followers] = [[] as ClaimedDelivery[], [] as TurnRow[]];
    for (let n = 0; n < 4; n += 1) {
      const thread = await aThread({ enabled: true });
      mine.push(await claimed(await rows.aTurn(thread, { state: 'generated' })));
      if (n % 2 === 1) followers.push(await rows.aTurn(thread, { state: 'queued' }));
    }
    const late = mine.map((one, n) => (n === 2 ? { ...one, attempt: 0 } : one));

    expect(
      await Promise.all(late.map((one) => deliveries.setCardState(one, 'finalising'))),
    ).toEqual([true, true, false, true]);
    const works = await Promise.all(late.map((one) => deliveries.end(one, end)));

    expect(works.map((work) => work && (work.turn?.id ?? 'nothing'))).toEqual([
      ...['nothing', followers[0]?.turnId, null, followers[1]?.turnId],
    ]);
    expect(
      await stores.sql('SELECT count(*)::int FROM delivery WHERE id = ANY($1) AND state = $2', [
        ...[mine.map(({ id }) => id), 'open'],
      ]),
    ).toEqual([{ count: 1 }]);
  });

  it.each([
    ['states of cards', (one: ClaimedDelivery) => deliveries.setCardState(one, 'finalising')],
    ['ends', (one: ClaimedDelivery) => deliveries.end(one, end)],
  ])(
    '%s lock rows in the order of their ids: two batches never lock each other out',
    async (_, of) => {
      const mine: ClaimedDelivery[] = [];
      for (let n = 0; n < 3; n += 1)
        mine.push(
          await claimed(await rows.aTurn(await aThread({ enabled: true }), { state: 'generated' })),
        );
      const [first, last, alone] = mine.sort((a, b) => (a.id < b.id ? -1 : 1)) as [
        ...[ClaimedDelivery, ClaimedDelivery, ClaimedDelivery],
      ];
      let written: Promise<unknown> | undefined;
      const free = await database.inTenant(rows.tenantId, async (tx) => {
        await tx.query('SELECT 1 FROM delivery WHERE id = $1 FOR UPDATE', [first.id]);
        written = Promise.all([of(alone), of(last), of(first)]);
        await eventually(async () => (await stores.sql(WAITING)).length > 0);
        return stores.sql('SELECT 1 FROM delivery WHERE id = $1 FOR UPDATE SKIP LOCKED', [last.id]);
      });
      await written;
      expect(free).toHaveLength(1);
    },
  );

  it('P3 is written although somebody holds the thread of another: a frozen dispatcher stops nobody else', async () => {
    const mine = async () =>
      claimed(await rows.aTurn(await aThread({ enabled: true }), { state: 'generated' }));
    const [held, free] = [await mine(), await mine()];
    let ofHeld: Promise<unknown> | undefined;

    await database.inTenant(rows.tenantId, async (tx) => {
      const its = 'SELECT thread_id FROM turn WHERE id = $1';
      await tx.query(`SELECT 1 FROM thread WHERE id = (${its}) FOR UPDATE`, [held.turn?.id]);
      ofHeld = deliveries.end(held, end);
      expect(await deliveries.end(free, end)).not.toBeNull();
    });

    expect(await ofHeld).not.toBeNull();
  });
});

const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
