import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Secret } from '@common/config';
import type { AppEndpoint } from '@common/dingtalk';
import { type CardSettings, type Locale, say, type SentenceKey } from '@common/domain';
import { SecretBox } from '@common/kernel';
import { Database, type DeliveryTarget } from '@common/persistence';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { Lease } from '../platform/lease';
import { SenderConfig } from '../sender.config';

interface Row {
  id: string;
  tenant_id: string;
  channel_id: string;
  attempt: number;
  debt_tries: number;
  locale: Locale;
  target: DeliveryTarget;
  card: CardSettings;
  client_id: string;
  client_secret: Buffer;
  endpoint: AppEndpoint | null;
  calls_per_second: string | null;
  organization_id: string | null;
  state: string;
  error_code: string | null;
}

/** The card of a delivery that went out as text. */
export interface CardDebt extends ClaimedDelivery {
  /** This one included. */
  readonly tries: number;
}

/** After so many tries the card is left alone and shown to operators. */
const MAX_TRIES = 8;

/** Cards that were left open when their answer went out as text. */
@Injectable()
export class CardDebtRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
    private readonly secrets: SecretBox,
    private readonly config: SenderConfig,
  ) {}

  /** Takes a few for this look; others skip them for 5 s, then twice as long, and so on. The first try is at once. */
  async take(limit: number, signal: AbortSignal): Promise<CardDebt[]> {
    const rows = await this.database.acrossTenantsOnce<Row>('reaper', TAKE, [
      ...[limit, MAX_TRIES, this.secrets.keyIds],
    ]);
    return rows.map((row) => ({ ...this.toDelivery(row, signal), tries: row.debt_tries }));
  }

  async paid({ tenantId, id }: ClaimedDelivery): Promise<void> {
    await this.database.inTenantOnce(
      tenantId,
      `UPDATE delivery SET card_state = 'finished' WHERE tenant_id = $1 AND id = $2 AND card_state IN ('debt', 'abandoned')`,
      [tenantId, id],
    );
  }

  private toDelivery(row: Row, signal: AbortSignal): ClaimedDelivery {
    return {
      id: row.id,
      tenantId: row.tenant_id,
      channelId: row.channel_id,
      attempt: row.attempt,
      locale: row.locale,
      target: row.target,
      replyWebhook: null,
      card: row.card,
      asText: false,
      textWays: [],
      cardState: 'debt',
      turn: null,
      text: say(sentenceOf(row), row.locale),
      reactTo: null,
      caller: {
        tenantId: row.tenant_id,
        channelId: row.channel_id,
        organizationId: row.organization_id,
        flow: 'debts',
        app: {
          clientId: row.client_id,
          clientSecret: new Secret(this.secrets.openText(row.client_secret)),
          endpoint: row.endpoint,
        },
        callsPerSecond: Number(row.calls_per_second ?? this.config.SENDER_CALLS_PER_SECOND),
        lease: new Lease(this.incarnation, this.config.SENDER_CALL_TIMEOUT_MS),
        signal,
      },
    };
  }
}

const TAKE = `
UPDATE delivery d SET debt_tries = d.debt_tries + 1, debt_tried_at = now(),
       card_state = CASE WHEN d.debt_tries + 1 >= $2 THEN 'abandoned' ELSE d.card_state END
  FROM channel c
 WHERE c.tenant_id = d.tenant_id AND c.id = d.channel_id AND d.id IN (
       SELECT o.id FROM delivery o JOIN channel h ON h.tenant_id = o.tenant_id AND h.id = o.channel_id
        WHERE sealed_key(h.client_secret) = ANY ($3) AND o.card_state = 'debt' AND o.state <> 'open' AND NOT allowance_refused(o.tenant_id, o.channel_id, 'api')
          AND (o.debt_tried_at IS NULL
               OR o.debt_tried_at < now() - interval '5 seconds' * power(2, LEAST(o.debt_tries - 1, 6)))
        ORDER BY o.debt_tried_at NULLS FIRST LIMIT $1 FOR UPDATE OF o SKIP LOCKED)
RETURNING d.id, d.tenant_id, d.channel_id, d.attempt, d.debt_tries, d.locale, d.target, c.card, c.client_id, c.client_secret,
          c.endpoint || jsonb_build_object('isTrusted', c.trusted_endpoint) AS endpoint,
          c.calls_per_second, c.organization_id, d.state, d.error_code`;

/** What the card of an answer says that went another way, or none. */
function sentenceOf({ state, error_code: code }: Row): SentenceKey {
  if (state !== 'undelivered') return 'answerBelow';
  return code === 'cancelled' ? 'stopped' : 'notDelivered';
}
