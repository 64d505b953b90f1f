import { Injectable } from '@nestjs/common';

import type { AppEndpoint } from '@common/dingtalk';
import { type Locale, memberMapping, type MemberMapping, type SentenceKey } from '@common/domain';
import { Database, type Tx } from '@common/persistence';

import type { LaneEvent } from '../inbound/lane-event';

/** A message whose sender is to be looked up. */
export interface Newcomer {
  readonly eventId: string;
  readonly tenantId: string;
  readonly message: LaneEvent['message'];
  readonly replyWebhook: Buffer | null;
  readonly replyWebhookExpiresAt: Date | null;
  readonly channel: {
    readonly id: string;
    readonly name: string;
    readonly clientId: string;
    readonly robotCode: string | null;
    readonly locale: Locale;
    readonly mapping: MemberMapping;
    /** Sealed. */
    readonly clientSecret: Buffer;
    readonly endpoint: AppEndpoint | null;
  };
}
export interface KnownMapping {
  readonly memberId: string | null;
  readonly failure: { key: SentenceKey; values: Record<string, string> } | null;
  readonly ageMs: number;
}
interface NewcomerRow {
  content: LaneEvent['message'];
  reply_webhook: Buffer | null;
  reply_webhook_expires_at: Date | null;
  channel_id: string;
  name: string;
  client_id: string;
  robot_code: string | null;
  locale: Locale;
  member_mapping: unknown;
  client_secret: Buffer;
  endpoint: AppEndpoint | null;
}

/** What was found out about platform identities, channel by channel. */
@Injectable()
export class MappingRepository {
  constructor(private readonly database: Database) {}

  /** Null when the message was processed already. */
  async newcomer(tenantId: string, eventId: string): Promise<Newcomer | null> {
    const [row] = await this.database.inTenantOnce<NewcomerRow>(tenantId, NEWCOMER, [
      ...[tenantId, eventId],
    ]);
    if (!row) return null;
    return {
      ...{ eventId, tenantId, message: row.content, replyWebhook: row.reply_webhook },
      replyWebhookExpiresAt: row.reply_webhook_expires_at,
      channel: {
        ...{ id: row.channel_id, name: row.name, clientId: row.client_id, locale: row.locale },
        robotCode: row.robot_code,
        mapping: memberMapping.parse(row.member_mapping),
        clientSecret: row.client_secret,
        endpoint: row.endpoint,
      },
    };
  }

  async known({ tenantId, channel }: Newcomer, identity: string): Promise<KnownMapping | null> {
    const [row] = await this.database.inTenantOnce<{
      member_id: string | null;
      failure: KnownMapping['failure'];
      age_ms: string;
    }>(tenantId, KNOWN, [tenantId, channel.id, identity, channel.mapping.mode]);
    return row
      ? { memberId: row.member_id, failure: row.failure, ageMs: Number(row.age_ms) }
      : null;
  }

  async keep(
    tx: Tx,
    { tenantId, channel }: Newcomer,
    identity: string,
    found: Pick<KnownMapping, 'memberId' | 'failure'>,
  ): Promise<void> {
    await tx.query(KEEP, [
      ...[tenantId, channel.id, identity, found.memberId],
      ...[found.failure && JSON.stringify(found.failure), channel.mapping.mode],
    ]);
  }

  /** @returns whether this person may be told no now: once a minute */
  async mayBeRefused(tx: Tx, { tenantId, channel }: Newcomer, identity: string): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE member_mapping SET refused_at = now() WHERE tenant_id = $1 AND channel_id = $2 AND identity = $3
          AND (refused_at IS NULL OR refused_at < now() - interval '1 minute') RETURNING 1`,
      [tenantId, channel.id, identity],
    );
    return rows.length === 1;
  }

  /** Takes the event, so that it is refused once. */
  async take(tx: Tx, { tenantId, eventId }: Newcomer): Promise<boolean> {
    const rows = await tx.query(
      `SELECT 1 FROM inbound_event WHERE tenant_id = $1 AND id = $2 AND state = 'pending' FOR UPDATE SKIP LOCKED`,
      [tenantId, eventId],
    );
    return rows.length === 1;
  }

  /** A member by an attribute that an administrator or an earlier look-up wrote. */
  async memberBy(
    tx: Tx,
    tenantId: string,
    attribute: 'email' | 'mobile',
    value: string,
  ): Promise<string | null> {
    const column =
      attribute === 'email' ? `lower(attributes ->> 'email')` : `attributes ->> 'mobile'`;
    const [row] = await tx.query<{ id: string }>(
      `SELECT id FROM member WHERE tenant_id = $1 AND attributes ? '${attribute}' AND ${column} = $2
        ORDER BY created_at, id LIMIT 1`,
      [tenantId, value],
    );
    return row?.id ?? null;
  }

  async hasMember(tx: Tx, tenantId: string, id: string): Promise<boolean> {
    return (
      (await tx.query('SELECT 1 FROM member WHERE tenant_id = $1 AND id = $2', [tenantId, id]))
        .length === 1
    );
  }

  /** Makes the member unless it is there, and adds what is known of it. */
  async member(
    tx: Tx,
    tenantId: string,
    member: { readonly id: string; readonly name: string; readonly attributes: object },
  ): Promise<void> {
    const attributes = JSON.stringify(member.attributes);
    // Without naming the index: of two that race, the loser may stumble over any of the unique ones.
    const made = await tx.query(
      `INSERT INTO member (id, tenant_id, name, attributes) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING id`,
      [member.id, tenantId, member.name, attributes],
    );
    if (made.length === 1) return;
    await tx.query(
      `UPDATE member SET attributes = attributes || $3, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
      [tenantId, member.id, attributes],
    );
  }

  async memberOfIdentity(
    tx: Tx,
    tenantId: string,
    {
      kind,
      realm,
      value,
    }: { readonly kind: string; readonly realm: string; readonly value: string },
  ): Promise<string | null> {
    const [row] = await tx.query<{ member_id: string }>(
      'SELECT member_id FROM identity WHERE tenant_id = $1 AND kind = $2 AND realm = $3 AND value = $4',
      [tenantId, kind, realm, value],
    );
    return row?.member_id ?? null;
  }
}

const NEWCOMER = `
SELECT e.content, e.reply_webhook, e.reply_webhook_expires_at, c.id AS channel_id, c.name, c.client_id, c.robot_code,
       c.locale, c.member_mapping, c.client_secret,
       c.endpoint || jsonb_build_object('isTrusted', c.trusted_endpoint) AS endpoint
  FROM inbound_event e JOIN channel c ON c.tenant_id = e.tenant_id AND c.id = e.channel_id
 WHERE e.tenant_id = $1 AND e.id = $2 AND e.state = 'pending' AND e.kind = 'message'`;

const KNOWN = `
SELECT member_id, failure, extract(epoch FROM now() - checked_at) * 1000 AS age_ms FROM member_mapping
 WHERE tenant_id = $1 AND channel_id = $2 AND identity = $3 AND mode = $4`;

const KEEP = `
INSERT INTO member_mapping AS m (tenant_id, channel_id, identity, member_id, failure, mode)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (channel_id, identity) DO UPDATE
   SET member_id = EXCLUDED.member_id, failure = EXCLUDED.failure, mode = EXCLUDED.mode, checked_at = now()`;
