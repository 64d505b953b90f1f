import { randomBytes } from 'node:crypto';

import type { Incarnation } from '@common/bootstrap';
import { SecretBox, UnknownMasterKeyError } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { OwnStores, Rows, standIn, type TurnRow } from '@common/testing';

import { CardDebtRepository } from '../src/card/card-debt.repository';
import type { ClaimedDelivery } from '../src/delivery/claimed-delivery';
import { DeliveryRepository } from '../src/delivery/delivery.repository';
import { LeaseLostError } from '../src/platform/lease';
import type { SenderConfig } from '../src/sender.config';
import { PieceRepository } from '../src/text/piece.repository';

const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
const next = SecretBox.parse(`k2:${randomBytes(32).toString('base64')}`);
const config = standIn<SenderConfig>({
  SENDER_CALL_TIMEOUT_MS: 4_000,
  SENDER_CALLS_PER_SECOND: 18,
});
const { signal } = new AbortController();

let stores: OwnStores;
let rows: Rows;
let database: Database;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 4, applicationName: 'spec' }));
});
afterAll(async () => {
  await database.close();
  await stores.close();
});

/** The repositories as one sender process has them. */
async function aSender({ seenSecondsAgo = 0, mayTakeOver = true } = {}) {
  const id = await rows.aProcess(seenSecondsAgo);
  const incarnation = standIn<Incarnation>({ id, term: 1, mayTakeOver: () => mayTakeOver });
  return {
    id,
    deliveries: new DeliveryRepository(database, incarnation, secrets, config),
    pieces: new PieceRepository(database, incarnation),
    debts: new CardDebtRepository(database, incarnation, secrets, config),
  };
}
const aChannel = (card: object = { enabled: true, pace: 'balanced' }) =>
  rows.aChannel({ card, clientSecret: secrets.seal('client secret') });
async function aTurn(wish: Parameters<Rows['aTurn']>[1] = {}, card?: object): Promise<TurnRow> {
  return rows.aTurn(await rows.aThread(await aChannel(card)), { state: 'generated', ...wish });
}
async function claimed(
  { deliveries }: { deliveries: DeliveryRepository },
  { deliveryId }: TurnRow,
): Promise<ClaimedDelivery> {
  const delivery = await deliveries.claim(rows.tenantId, deliveryId, signal);
  if (!delivery) throw new Error('not claimed');
  return delivery;
}
const deliveryRow = (id: string) =>
  stores.one('SELECT state, card_state, owner, wake FROM delivery WHERE id = $1', [id]);
const die = (id: string) =>
  stores.sql(`UPDATE incarnation SET seen_at = now() - interval '7 seconds' WHERE id = $1`, [id]);

describe('DeliveryRepository: claim', () => {
  it('opens the secrets it needs, and writes the intent of a card down', async () => {
    const turn = await aTurn();
    await stores.sql(
      `UPDATE delivery SET reply_webhook = $2, reply_webhook_expires_at = now() + interval '1 hour' WHERE id = $1`,
      [turn.deliveryId, secrets.seal('https://reply')],
    );

    const delivery = await claimed(await aSender(), turn);

    expect(delivery).toMatchObject({
      attempt: 1,
      cardState: 'creating',
      replyWebhook: 'https://reply',
      turn: { id: turn.turnId },
      target: { staffId: 'staff-1' },
    });
    expect(delivery.caller.app.clientSecret.reveal()).toBe('client secret');
    expect(await deliveryRow(turn.deliveryId)).toMatchObject({ card_state: 'creating' });
  });

  it('leaves what is sealed with a key that only others have yet to them, and it is no attempt', async () => {
    const turn = await aTurn();
    await stores.sql(
      `UPDATE delivery SET reply_webhook = $2, reply_webhook_expires_at = now() + interval '1 hour' WHERE id = $1`,
      [turn.deliveryId, next.seal('https://reply')],
    );
    const sender = await aSender();
    secrets.othersHave(['k2']);
    for (let n = 0; n < 2; n += 1)
      expect(await sender.deliveries.claim(rows.tenantId, turn.deliveryId, signal)).toBeNull();
    expect(
      await stores.one('SELECT owner, attempt, state, wake FROM delivery WHERE id = $1', [
        turn.deliveryId,
      ]),
    ).toEqual({ owner: null, attempt: 0, state: 'open', wake: 0 });

    secrets.othersHave([]);
    await expect(sender.deliveries.claim(rows.tenantId, turn.deliveryId, signal)).rejects.toThrow(
      UnknownMasterKeyError,
    );
  });

  it('C60 takes no link that is about to expire', async () => {
    const turn = await aTurn();
    await stores.sql(
      `UPDATE delivery SET reply_webhook = $2, reply_webhook_expires_at = now() + interval '20 seconds' WHERE id = $1`,
      [turn.deliveryId, secrets.seal('https://reply')],
    );
    expect((await claimed(await aSender(), turn)).replyWebhook).toBeNull();
  });

  it.each([
    ['cards are off', {}, { enabled: false, pace: 'balanced' }, null],
    ['C52 the asker is outside and alone with the bot', { staffId: null }, undefined, null],
    [
      'the asker is outside, in a group',
      { staffId: null, kind: 'group' as const },
      undefined,
      'creating',
    ],
  ])('means a card or not when %s', async (_when, wish, card, cardState) => {
    expect((await claimed(await aSender(), await aTurn(wish, card))).cardState).toBe(cardState);
  });

  it('means no card while cards are known to fail in this channel', async () => {
    const thread = await rows.aThread(await aChannel());
    const notice = (until: string) =>
      stores.sql(
        `INSERT INTO channel_notice (tenant_id, channel_id, code, message, until)
         VALUES ($1, $2, 'card_permission_missing', '', now() + $3::interval)
         ON CONFLICT (channel_id, code) DO UPDATE SET until = EXCLUDED.until`,
        [rows.tenantId, thread.channelId, until],
      );
    await notice('1 hour');
    const turn = await rows.aTurn(thread, { state: 'generated' });
    const sender = await aSender();
    expect((await claimed(sender, turn)).cardState).toBeNull();

    await notice('-1 second');
    expect((await claimed(sender, turn)).cardState).toBe('creating');
  });

  it('P2 gives a delivery to one of many who want it at the same moment', async () => {
    const { deliveryId } = await aTurn();
    const senders = await Promise.all([1, 2, 3, 4].map(() => aSender()));
    const claims = await Promise.all(
      senders.map(({ deliveries }) => deliveries.claim(rows.tenantId, deliveryId, signal)),
    );
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it('takes over from the dead alone, and only when it may', async () => {
    const [living, dead] = [await aSender(), await aSender({ seenSecondsAgo: 7 })];
    const heir = await aSender();
    const ofLiving = await aTurn({ deliveryOwner: living.id });
    const ofDead = await aTurn({ deliveryOwner: dead.id });
    expect(await heir.deliveries.claim(rows.tenantId, ofLiving.deliveryId, signal)).toBeNull();
    const careful = await aSender({ mayTakeOver: false });
    expect(await careful.deliveries.claim(rows.tenantId, ofDead.deliveryId, signal)).toBeNull();
    expect(await claimed(heir, ofDead)).toMatchObject({ attempt: 1 });
  });

  it('keeps what became of the card in an earlier attempt', async () => {
    const turn = await aTurn();
    const sender = await aSender();
    for (const state of ['open', 'finalising', 'refused', 'debt'] as const) {
      await sender.deliveries.setCardState(await claimed(sender, turn), state);
      expect((await claimed(sender, turn)).cardState).toBe(state);
    }
  });
});

describe('DeliveryRepository: writes of a late process', () => {
  it('change nothing', async () => {
    const turn = await aTurn();
    const slow = await aSender();
    const mine = await claimed(slow, turn);
    await die(slow.id);
    const heir = await aSender();
    await claimed(heir, turn);

    expect(await slow.deliveries.setCardState(mine, 'finalising')).toBe(false);
    expect(await slow.deliveries.release(mine)).toBeNull();
    expect(
      await slow.deliveries.end(mine, {
        state: 'delivered',
        way: 'card',
        cardState: 'finished',
        error: null,
      }),
    ).toBeNull();
    expect(await deliveryRow(turn.deliveryId)).toMatchObject({ state: 'open', owner: heir.id });
  });
});

describe('DeliveryRepository: release', () => {
  it('gives it back under a new wake counter, and lets it rest when told to', async () => {
    const turn = await aTurn();
    const sender = await aSender();
    expect(await sender.deliveries.release(await claimed(sender, turn))).toBe(1);
    expect(await sender.deliveries.release(await claimed(sender, turn), 60_000)).toBe(2);
    expect(
      await stores.one(
        `SELECT woken_at > now() + interval '50 seconds' AS rests FROM delivery WHERE id = $1`,
        [turn.deliveryId],
      ),
    ).toEqual({ rests: true });
  });
});

describe('PieceRepository', () => {
  it('writes the pieces down once, and tells what became of each', async () => {
    const sender = await aSender();
    const delivery = await claimed(sender, await aTurn());
    await sender.pieces.prepare(delivery, ['one', 'two'], 1);
    await sender.pieces.begin(delivery, 1, false);
    await sender.pieces.sent(delivery, 1, 'webhook');
    await sender.pieces.begin(delivery, 2, false);

    expect(await sender.pieces.prepare(delivery, ['other', 'texts'], 1)).toEqual([
      { n: 1, total: 2, text: 'one', state: 'sent', tries: 1 },
      { n: 2, total: 2, text: 'two', state: 'sending', tries: 1 },
    ]);
  });

  it('twice: begins no piece that was sent', async () => {
    const sender = await aSender();
    const delivery = await claimed(sender, await aTurn());
    await sender.pieces.prepare(delivery, ['one'], 1);
    await sender.pieces.begin(delivery, 1, false);
    await sender.pieces.sent(delivery, 1, 'robot');
    await expect(sender.pieces.begin(delivery, 1, true)).rejects.toThrow(LeaseLostError);
  });

  it('forgets a try that had no effect, but not one of unknown outcome before it', async () => {
    const sender = await aSender();
    const delivery = await claimed(sender, await aTurn());
    const pieces = () => sender.pieces.prepare(delivery, ['one'], 1);
    await pieces();
    await sender.pieces.begin(delivery, 1, false);
    await sender.pieces.notSent(delivery, 1);
    expect(await pieces()).toMatchObject([{ state: 'pending', tries: 0 }]);

    await sender.pieces.begin(delivery, 1, false);
    await sender.pieces.begin(delivery, 1, true);
    await sender.pieces.notSent(delivery, 1);
    expect(await pieces()).toMatchObject([{ state: 'sending', tries: 1 }]);
  });

  it('late: begins nothing of a delivery that somebody else has', async () => {
    const turn = await aTurn();
    const slow = await aSender();
    const mine = await claimed(slow, turn);
    await slow.pieces.prepare(mine, ['one'], 1);
    await die(slow.id);
    await claimed(await aSender(), turn);
    await expect(slow.pieces.begin(mine, 1, false)).rejects.toThrow(LeaseLostError);
  });
});

describe('CardDebtRepository', () => {
  async function aDebt(): Promise<string> {
    const { deliveryId } = await aTurn();
    await stores.sql(
      // Woken often, as after a bad hour: that must not delay the closing of its card.
      `UPDATE delivery SET state = 'delivered', ended_at = now(), card_state = 'debt', wake = 9, woken_at = now()
        WHERE id = $1`,
      [deliveryId],
    );
    return deliveryId;
  }
  const clear = () =>
    stores.sql(`UPDATE delivery SET card_state = 'finished' WHERE card_state = 'debt'`);
  beforeEach(clear);

  it('hands each debt to one reaper, and again after a while', async () => {
    const ids = [await aDebt(), await aDebt(), await aDebt()];
    const [one, two] = [await aSender(), await aSender()];

    const takes = await Promise.all([one, two].map(({ debts }) => debts.take(10, signal)));

    expect(
      takes
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(await one.debts.take(10, signal)).toEqual([]);
    await stores.sql(
      `UPDATE delivery SET debt_tried_at = now() - interval '6 seconds' WHERE id = $1`,
      [ids[0]],
    );
    expect((await one.debts.take(10, signal)).map(({ id }) => id)).toEqual([ids[0]]);
  });

  it('forgets a debt that was paid', async () => {
    const id = await aDebt();
    const { debts } = await aSender();
    const [debt] = await debts.take(10, signal);
    // Nobody said to which organisation the channel belongs; undefined would break the count of all others.
    expect(debt?.caller.organizationId).toBeNull();
    expect(debt?.text).toBeTruthy();
    if (!debt) throw new Error('no debt');
    await debts.paid(debt);
    expect(await deliveryRow(id)).toMatchObject({ card_state: 'finished' });
  });

  it('leaves a card alone that cannot be closed after many tries, for operators to see', async () => {
    const id = await aDebt();
    await stores.sql(
      `UPDATE delivery SET debt_tries = 7, debt_tried_at = now() - interval '1 hour' WHERE id = $1`,
      [id],
    );
    const { debts } = await aSender();
    expect(await debts.take(10, signal)).toHaveLength(1);
    expect(await deliveryRow(id)).toMatchObject({ card_state: 'abandoned' });
    expect(await debts.take(10, signal)).toEqual([]);
  });

  it('takes no card of a delivery that is still under way', async () => {
    const turn = await aTurn();
    await stores.sql(`UPDATE delivery SET card_state = 'debt' WHERE id = $1`, [turn.deliveryId]);
    expect(await (await aSender()).debts.take(10, signal)).toEqual([]);
  });
});
