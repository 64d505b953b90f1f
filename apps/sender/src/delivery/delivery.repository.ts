import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Secret } from '@common/config';
import type { AppEndpoint } from '@common/dingtalk';
import { type CardSettings, type Locale, presentationOf } from '@common/domain';
import { KeyedBatches, SecretBox } from '@common/kernel';
import {
  type AllowanceRow,
  Database,
  type DeliveryTarget,
  isPassingFailure,
  spendableOf,
  type Work,
  workOf,
} from '@common/persistence';

import { Lease } from '../platform/lease';
import { SenderConfig } from '../sender.config';
import type { CardState, ClaimedDelivery, DeliveryEnd } from './claimed-delivery';

interface ClaimRow {
  id: string;
  channel_id: string;
  attempt: number;
  locale: Locale;
  target: DeliveryTarget;
  reply_webhook: Buffer | null;
  card_state: CardState | null;
  text: string | null;
  turn_id: string | null;
  turn_attempt: number | null;
  thread_id: string | null;
  react_to: string | null;
  card: CardSettings;
  client_id: string;
  client_secret: Buffer;
  endpoint: AppEndpoint | null;
  calls_per_second: string | null;
  organization_id: string | null;
  allowance: AllowanceRow | null;
  api_refused: boolean;
  message_refused: boolean;
}

interface EndRow {
  ended_delivery: string;
  turn_id: string | null;
  turn_wake: number;
  delivery_id: string;
  delivery_wake: number;
}

interface CardChange {
  readonly delivery: ClaimedDelivery;
  readonly state: CardState;
  readonly messageKey: string | null;
}
interface Ended {
  readonly delivery: ClaimedDelivery;
  readonly end: DeliveryEnd;
}

/** What comes while a write is under way shares the next: one statement and one commit. */
const AT_ONCE = { width: 1, most: 50, isOfAll: isPassingFailure };

/** Deliveries as the sender sees them. Every write is guarded by attempt and owner: a late process changes nothing. */
@Injectable()
export class DeliveryRepository {
  private readonly claims = new KeyedBatches<string, ClaimRow | null>(
    (tenantId, ids) => this.claimAll(tenantId, ids),
    AT_ONCE,
  );
  private readonly changes = new KeyedBatches<CardChange, boolean>(
    (tenantId, changes) => this.changeCards(tenantId, changes),
    AT_ONCE,
  );
  private readonly ends = new KeyedBatches<Ended, Work | null>(
    (tenantId, ended) => this.endAll(tenantId, ended),
    AT_ONCE,
  );

  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
    private readonly secrets: SecretBox,
    private readonly config: SenderConfig,
  ) {}

  /** Makes the delivery ours and writes down the intent of a card. Null when it ended, or somebody living has it. */
  async claim(tenantId: string, id: string, signal: AbortSignal): Promise<ClaimedDelivery | null> {
    const lease = new Lease(this.incarnation, this.config.SENDER_CALL_TIMEOUT_MS);
    const row = await this.claims.add(tenantId, id);
    if (!row) return null;
    if (!this.secrets.isForOthers(row.client_secret, row.reply_webhook))
      return this.toDelivery(row, tenantId, lease, signal);
    await this.leave(tenantId, row);
    return null;
  }

  /** Of two jobs of one delivery in a batch the first gets it. */
  private async claimAll(tenantId: string, ids: readonly string[]): Promise<(ClaimRow | null)[]> {
    const rows = await this.database.inTenantOnce<ClaimRow>(
      tenantId,
      { name: 'delivery.claim', text: CLAIM },
      [
        ...[tenantId, [...new Set(ids)].sort().join()],
        ...[this.incarnation.id, this.incarnation.mayTakeOver()],
      ],
    );
    return ids.map((id, n) =>
      ids.indexOf(id) === n ? (rows.find((row) => row.id === id) ?? null) : null,
    );
  }

  /**
   * False when the delivery is no longer ours.
   * @param messageKey what the platform calls the card: quotes of it name it so
   */
  setCardState(
    delivery: ClaimedDelivery,
    state: CardState,
    messageKey: string | null = null,
  ): Promise<boolean> {
    return this.changes.add(delivery.tenantId, { delivery, state, messageKey });
  }

  private async changeCards(tenantId: string, asked: readonly CardChange[]): Promise<boolean[]> {
    const changes = inOrder(asked);
    const rows = await this.database.inTenantOnce<{ changed_delivery: string }>(
      tenantId,
      {
        name: 'delivery.cards',
        text: 'SELECT * FROM set_card_states($1, $2, $3, $4, $5, $6)',
      },
      [
        ...[tenantId, this.incarnation.id, ...guards(changes)],
        ...[changes.map(({ state }) => state), changes.map(({ messageKey }) => messageKey)],
      ],
    );
    const ours = new Set(rows.map((row) => row.changed_delivery));
    return asked.map(({ delivery }) => ours.has(delivery.id));
  }

  /** Ends delivery and turn and activates the thread's next turn, in one transaction. Null when it was no longer ours. */
  async end(delivery: ClaimedDelivery, end: DeliveryEnd): Promise<Work | null> {
    const work = await this.ends.add(delivery.tenantId, { delivery, end });
    return work ?? this.endAlone(delivery, end);
  }

  /** Not ours, or somebody is at its thread: waits for that, and nobody waits with it. */
  private async endAlone(delivery: ClaimedDelivery, end: DeliveryEnd): Promise<Work | null> {
    const { state, way, cardState, error } = end;
    const [row] = await this.database.inTenantOnce<EndRow & { ended: boolean }>(
      delivery.tenantId,
      {
        name: 'delivery.end',
        text: 'SELECT * FROM end_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      },
      [
        ...[delivery.tenantId, delivery.id, this.incarnation.id, delivery.attempt],
        ...[state, way, cardState, error?.code ?? null, error?.message ?? null],
      ],
    );
    return row?.ended ? workOf(row) : null;
  }

  private async endAll(tenantId: string, asked: readonly Ended[]): Promise<(Work | null)[]> {
    const ended = inOrder(asked);
    const rows = await this.database.inTenantOnce<EndRow>(
      tenantId,
      {
        name: 'delivery.ends',
        text: 'SELECT * FROM end_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      },
      [
        ...[tenantId, this.incarnation.id, ...guards(ended)],
        ...[ended.map(({ end }) => end.state), ended.map(({ end }) => end.way)],
        ended.map(({ end }) => end.cardState),
        ended.map(({ end }) => end.error?.code ?? null),
        ended.map(({ end }) => end.error?.message ?? null),
      ],
    );
    const works = new Map(rows.map((row) => [row.ended_delivery, workOf(row)]));
    return asked.map(({ delivery }) => works.get(delivery.id) ?? null);
  }

  /** Gives back what this process owns without working on it. @returns their ids: there should be none */
  async releaseStrays(inHand: readonly string[]): Promise<string[]> {
    const rows = await this.database.acrossTenantsOnce<{ id: string }>('reconcile', STRAYS, [
      this.incarnation.id,
      inHand,
    ]);
    return rows.map(({ id }) => id);
  }

  /**
   * Gives the delivery back.
   * @param restMs how long the sweeper leaves it alone
   * @returns its new wake counter, null when it is not ours
   */
  async release(delivery: ClaimedDelivery, restMs = 0): Promise<number | null> {
    const [row] = await this.database.inTenantOnce<{ wake: number }>(
      delivery.tenantId,
      `UPDATE delivery SET owner = NULL, wake = wake + 1, woken_at = now() + $5 * interval '1 millisecond'
        WHERE tenant_id = $1 AND id = $2 AND owner = $3 AND attempt = $4 AND state = 'open' RETURNING wake`,
      [delivery.tenantId, delivery.id, this.incarnation.id, delivery.attempt, restMs],
    );
    return row?.wake ?? null;
  }

  /** Sealed with a key that we are still to be given: nobody has tried it yet, and whoever can takes it soon. */
  private async leave(tenantId: string, { id, attempt }: ClaimRow): Promise<void> {
    await this.database.inTenantOnce(tenantId, LEAVE, [
      ...[tenantId, id, this.incarnation.id, attempt],
    ]);
  }

  private toDelivery(
    row: ClaimRow,
    tenantId: string,
    lease: Lease,
    signal: AbortSignal,
  ): ClaimedDelivery {
    const refused = { api: row.api_refused, message: row.message_refused };
    const { pace, textWays } = presentationOf(spendableOf(row.allowance, refused), row.card.pace);
    return {
      id: row.id,
      tenantId,
      channelId: row.channel_id,
      attempt: row.attempt,
      locale: row.locale,
      target: row.target,
      replyWebhook: row.reply_webhook && this.secrets.openText(row.reply_webhook),
      card: { ...row.card, pace: pace ?? 'off' },
      textWays,
      asText: pace === null,
      cardState: row.card_state,
      turn: row.turn_id === null ? null : { id: row.turn_id, attempt: row.turn_attempt ?? 0 },
      text: row.text,
      // An organisation that has to save calls can do without.
      reactTo: pace === row.card.pace ? row.react_to : null,
      caller: {
        tenantId,
        channelId: row.channel_id,
        organizationId: row.organization_id,
        flow: row.thread_id ?? row.target.conversationId,
        app: {
          clientId: row.client_id,
          clientSecret: new Secret(this.secrets.openText(row.client_secret)),
          endpoint: row.endpoint,
        },
        callsPerSecond: Number(row.calls_per_second ?? this.config.SENDER_CALLS_PER_SECOND),
        lease,
        signal,
      },
    };
  }
}

const LEAVE = `
UPDATE delivery SET owner = NULL, attempt = attempt - 1, woken_at = now()
 WHERE tenant_id = $1 AND id = $2 AND owner = $3 AND attempt = $4 AND state = 'open'`;

/** Ours by the row, but in nobody's hands: work that ended without a word. Claims of this moment are left alone. */
const STRAYS = `
UPDATE delivery SET owner = NULL, wake = wake + 1, woken_at = now()
 WHERE owner = $1 AND state = 'open' AND id <> ALL($2) AND claimed_at < now() - interval '10 seconds'
RETURNING id`;

/** What does not change by the claim is looked up one by one; the ids come as text, so that the plan is made once. */
const CLAIM = `
WITH g AS MATERIALIZED (SELECT * FROM claim_deliveries($1, string_to_array($2, ',')::uuid[], $3, $4))
SELECT g.claimed_attempt AS attempt, g.claimed_card_state AS card_state, one.* FROM g CROSS JOIN LATERAL (
SELECT d.id, d.channel_id, d.locale, d.target, d.text, d.turn_id,
       (SELECT t.attempt FROM turn t WHERE t.id = d.turn_id) AS turn_attempt,
       (SELECT t.thread_id FROM turn t WHERE t.id = d.turn_id) AS thread_id,
       CASE WHEN c.card ->> 'acknowledge' = 'reaction' AND NOT EXISTS (
              SELECT 1 FROM channel_notice n WHERE n.channel_id = d.channel_id AND n.code = 'reaction_refused' AND n.until > now())
            THEN (SELECT e.platform_message_id FROM inbound_event e WHERE e.tenant_id = d.tenant_id AND e.turn_id = d.turn_id
                     AND e.kind = 'message' ORDER BY e.received_at, e.id LIMIT 1) END AS react_to,
       CASE WHEN d.reply_webhook_expires_at > now() + interval '30 seconds' THEN d.reply_webhook END AS reply_webhook,
       c.card, c.client_id, c.client_secret,
       c.endpoint || jsonb_build_object('isTrusted', c.trusted_endpoint) AS endpoint,
       c.calls_per_second, c.organization_id,
       allowance_of(c.tenant_id, c.organization_id) AS allowance,
       refusals.any_at_all AND allowance_refused(c.tenant_id, c.id, 'api') AS api_refused,
       refusals.any_at_all AND allowance_refused(c.tenant_id, c.id, 'message') AS message_refused
  FROM delivery d JOIN channel c ON c.tenant_id = d.tenant_id AND c.id = d.channel_id
 CROSS JOIN (SELECT EXISTS (SELECT 1 FROM allowance_refusal WHERE tenant_id = $1) AS any_at_all) refusals
 WHERE d.tenant_id = $1 AND d.id = g.claimed_delivery LIMIT 1) one`;

/** As claims lock them: rows are locked as they come, and two statements that have several never wait for each other. */
const inOrder = <T extends { readonly delivery: ClaimedDelivery }>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (a.delivery.id < b.delivery.id ? -1 : 1));

/** Which deliveries are meant, and as which attempt they are ours. */
const guards = (of: readonly { readonly delivery: ClaimedDelivery }[]): [string[], number[]] => [
  of.map(({ delivery }) => delivery.id),
  of.map(({ delivery }) => delivery.attempt),
];
