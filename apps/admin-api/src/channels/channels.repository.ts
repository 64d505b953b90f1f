import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import { likePattern } from '../http/search-window';
import type { ChannelFields, MergedChannel } from './channels.dto';

type ChannelEndpoint = NonNullable<ChannelFields['endpoint']>;

export interface ChannelRow {
  id: string;
  name: string;
  client_id: string;
  robot_code: string | null;
  organization_id: string | null;
  default_agent_id: string | null;
  canary_version: number | null;
  canary_percent: number | null;
  default_model_id: string | null;
  enabled: boolean;
  locale: ChannelFields['locale'];
  card: ChannelFields['card'];
  session: ChannelFields['session'];
  access: ChannelFields['access'];
  service: ChannelFields['service'];
  welcome: ChannelFields['welcome'];
  choices: ChannelFields['choices'];
  busy: ChannelFields['busy'];
  /** numeric: the driver hands it out as text. */
  calls_per_second: string | null;
  connections: number;
  member_mapping: ChannelFields['memberMapping'];
  endpoint: ChannelEndpoint | null;
  trusted_endpoint: boolean;
  has_callback: boolean;
  callback_has_api_secret: boolean;
  /** Null, too, once it is over. */
  callback_previous_until: Date | null;
  pending_since: Date | null;
  pending_tries: number;
  pending_error: { code: string; message: string; at: string } | null;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
}

export interface ChannelFilter {
  readonly after: readonly string[] | null;
  readonly q?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** A channel as it is stored: secrets sealed; undefined leaves the one that is there. */
export interface StoredChannel extends Omit<
  MergedChannel,
  'clientSecret' | 'callback' | 'endpoint' | 'canary'
> {
  readonly canary: { readonly versionId: string; readonly percent: number } | null;
  readonly endpoint: ChannelEndpoint | null;
  readonly isTrustedEndpoint: boolean;
  readonly clientSecret: Buffer | undefined;
  readonly callback: SealedCallback | null | undefined;
}

export interface SealedCallback {
  readonly sealed: Buffer;
  readonly hasApiSecret: boolean;
  /** The pair before: accepted for a day when it changed, refused at once when told so. */
  readonly previous: 'keep' | 'the one that is there' | 'none';
}

const COLUMNS = `id, name, client_id, robot_code, organization_id, default_agent_id, default_model_id, enabled,
  locale, card, session, access, service, welcome, choices, busy, calls_per_second, connections, member_mapping,
  endpoint, trusted_endpoint, canary_percent,
  (SELECT v.version FROM agent_version v WHERE v.id = canary_version_id) AS canary_version,
  callback IS NOT NULL AS has_callback,
  callback_has_api_secret,
  CASE WHEN callback_previous_until > now() THEN callback_previous_until END AS callback_previous_until,
  pending_since, pending_tries, pending_error,
  created_at, updated_at, revision, created_at::text AS cursor_at`;
const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

@Injectable()
export class ChannelsRepository {
  constructor(private readonly database: Database) {}

  list(tenantId: string, filter: ChannelFilter, limit: number): Promise<ChannelRow[]> {
    const { after, q, enabled } = filter;
    return this.database.inTenantOnce<ChannelRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM channel WHERE ${LIVE}
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
          AND ($5::text IS NULL OR name ILIKE $5 OR client_id ILIKE $5) AND ($6::boolean IS NULL OR enabled = $6)
        ORDER BY created_at, id LIMIT $4`,
      [
        ...[tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
        ...[q === undefined ? null : likePattern(q), enabled ?? null],
      ],
    );
  }

  async allIds(tenantId: string): Promise<string[]> {
    const rows = await this.database.inTenantOnce<{ id: string }>(
      tenantId,
      `SELECT id FROM channel WHERE ${LIVE} ORDER BY created_at, id`,
      [tenantId],
    );
    return rows.map(({ id }) => id);
  }

  async find(tenantId: string, id: string): Promise<ChannelRow | undefined> {
    const [row] = await this.database.inTenantOnce<ChannelRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM channel WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<ChannelRow | undefined> {
    const [row] = await tx.query<ChannelRow>(
      `SELECT ${COLUMNS} FROM channel WHERE ${LIVE} AND id = $2 FOR NO KEY UPDATE`,
      [tenantId, id],
    );
    return row;
  }

  async sealedSecrets(
    tenantId: string,
    id: string,
    tx?: Tx,
  ): Promise<{ client_secret: Buffer; callback: Buffer | null } | undefined> {
    const text = `SELECT client_secret, callback FROM channel WHERE ${LIVE} AND id = $2`;
    const [row] = tx
      ? await tx.query<{ client_secret: Buffer; callback: Buffer | null }>(text, [tenantId, id])
      : await this.database.inTenantOnce<{ client_secret: Buffer; callback: Buffer | null }>(
          tenantId,
          text,
          [tenantId, id],
        );
    return row;
  }

  async insert(tx: Tx, tenantId: string, id: string, channel: StoredChannel): Promise<ChannelRow> {
    const [row] = await tx.query<ChannelRow>(
      `INSERT INTO channel (tenant_id, id, name, client_id, robot_code, organization_id, default_agent_id,
          default_model_id, enabled, locale, card, session, access, busy, calls_per_second, member_mapping,
          client_secret, callback, callback_has_api_secret, service, welcome, choices,
          connections, endpoint, trusted_endpoint, canary_version_id, canary_percent)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
          $20, $21, $22, $23, $24, $25, $26, $27)
        RETURNING ${COLUMNS}`,
      [
        tenantId,
        id,
        ...values(channel),
        channel.clientSecret,
        channel.callback?.sealed ?? null,
        channel.callback?.hasApiSecret ?? false,
        ...conduct(channel),
        channel.connections,
        ...platform(channel),
        ...[channel.canary?.versionId ?? null, channel.canary?.percent ?? null],
      ],
    );
    return row as ChannelRow;
  }

  async update(tx: Tx, tenantId: string, id: string, channel: StoredChannel): Promise<ChannelRow> {
    const [row] = await tx.query<ChannelRow>(
      `UPDATE channel SET name = $3, client_id = $4, robot_code = $5, organization_id = $6,
          default_agent_id = $7, default_model_id = $8, enabled = $9, locale = $10, card = $11, session = $12,
          access = $13, busy = $14, calls_per_second = $15, member_mapping = $16,
          client_secret = COALESCE($17, client_secret),
          -- A secret that is written outright makes one that is being tried, and the one before, pointless.
          pending_secret = CASE WHEN $17::bytea IS NULL THEN pending_secret END,
          pending_since = CASE WHEN $17::bytea IS NULL THEN pending_since END,
          pending_error = CASE WHEN $17::bytea IS NULL THEN pending_error END,
          previous_secret = CASE WHEN $17::bytea IS NULL THEN previous_secret END,
          callback = CASE WHEN $18 = 'keep' THEN callback ELSE $19 END,
          callback_has_api_secret = CASE WHEN $18 = 'keep' THEN callback_has_api_secret ELSE $20 END,
          callback_previous = CASE $21 WHEN 'keep' THEN callback_previous
            WHEN 'the one that is there' THEN callback END,
          callback_previous_until = CASE $21 WHEN 'keep' THEN callback_previous_until
            WHEN 'the one that is there' THEN now() + interval '24 hours' END,
          service = $22, welcome = $23, choices = $24, connections = $25, endpoint = $26, trusted_endpoint = $27,
          canary_version_id = $28, canary_percent = $29,
          updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [
        tenantId,
        id,
        ...values(channel),
        channel.clientSecret ?? null,
        channel.callback === undefined ? 'keep' : 'write',
        channel.callback?.sealed ?? null,
        channel.callback?.hasApiSecret ?? false,
        channel.callback === null ? 'none' : (channel.callback?.previous ?? 'keep'),
        ...conduct(channel),
        channel.connections,
        ...platform(channel),
        ...[channel.canary?.versionId ?? null, channel.canary?.percent ?? null],
      ],
    );
    return row as ChannelRow;
  }

  async setEnabled(tx: Tx, tenantId: string, id: string, enabled: boolean): Promise<ChannelRow> {
    const [row] = await tx.query<ChannelRow>(
      `UPDATE channel SET enabled = $3, updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, enabled],
    );
    return row as ChannelRow;
  }

  /** A new secret to be tried; it takes the place of another one that was. */
  async setPending(
    tx: Tx,
    tenantId: string,
    id: string,
    secret: Buffer | null,
  ): Promise<ChannelRow> {
    const [row] = await tx.query<ChannelRow>(
      `UPDATE channel SET pending_secret = $3, pending_since = CASE WHEN $3::bytea IS NOT NULL THEN now() END,
          pending_tries = 0, pending_tried_at = NULL, pending_error = NULL,
          updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, secret],
    );
    return row as ChannelRow;
  }

  /** Whoever saves or restarts a channel may have put right what it has trouble with: it is tried again. */
  async forgetTrouble(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(
      `DELETE FROM channel_notice WHERE tenant_id = $1 AND channel_id = $2
          AND code IN ('card_permission_missing', 'card_template_unusable', 'reaction_refused',
            'single_connection')`,
      [tenantId, id],
    );
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(
      `UPDATE channel SET deleted_at = now(), enabled = false, updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
  }
}

const values = (channel: StoredChannel): unknown[] => [
  channel.name,
  channel.clientId,
  channel.robotCode ?? null,
  channel.organizationId ?? null,
  channel.defaultAgentId ?? null,
  channel.defaultModelId ?? null,
  channel.enabled,
  channel.locale,
  JSON.stringify(channel.card),
  JSON.stringify(channel.session),
  JSON.stringify(channel.access),
  channel.busy,
  channel.callsPerSecond ?? null,
  JSON.stringify(channel.memberMapping),
];

/** How it behaves towards people. */
const conduct = (channel: StoredChannel): string[] => [
  JSON.stringify(channel.service),
  JSON.stringify(channel.welcome),
  JSON.stringify(channel.choices),
];

const platform = ({ endpoint, isTrustedEndpoint }: StoredChannel): unknown[] => [
  endpoint && JSON.stringify(endpoint),
  isTrustedEndpoint,
];
