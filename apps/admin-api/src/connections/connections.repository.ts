import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { ConnectionView, GatewayView, ListConnectionsDto } from './connections.dto';

export interface ConnectionRow extends Omit<ConnectionView, 'connectedAt' | 'changedAt'> {
  connectedAt: Date | null;
  changedAt: Date;
}

export interface GatewayRow extends Omit<GatewayView, 'startedAt' | 'seenAt'> {
  startedAt: Date;
  seenAt: Date;
}

/** As for the status of a channel (P9). */
const IS_LIVE = `i.stopped_at IS NULL AND i.seen_at > now() - interval '4 seconds'`;

/** Which gateway says what of which channel. */
@Injectable()
export class ConnectionsRepository {
  constructor(private readonly database: Database) {}

  list(
    tenantId: string,
    { gatewayId, channelId, state }: ListConnectionsDto,
    after: readonly string[] | null,
    limit: number,
  ): Promise<ConnectionRow[]> {
    return this.database.inTenantOnce<ConnectionRow & Record<string, unknown>>(tenantId, LIST, [
      ...[tenantId, gatewayId ?? null, channelId ?? null, state ?? null],
      ...[after?.[0] ?? null, after?.[1] ?? null, limit],
    ]);
  }

  /** Those that were heard of within the hour. */
  gateways(tenantId: string): Promise<GatewayRow[]> {
    return this.database.inTenantOnce<GatewayRow & Record<string, unknown>>(
      tenantId,
      { name: 'connections.gateways', text: GATEWAYS },
      [tenantId],
    );
  }
}

const LIST = `SELECT c.gateway_id AS "gatewayId", c.channel_id AS "channelId", ch.name AS "channelName", c.state, c.code,
    c.message, c.connected_at AS "connectedAt", c.changed_at AS "changedAt", ${IS_LIVE} AS live
  FROM channel_connection c JOIN incarnation i ON i.id = c.gateway_id
    JOIN channel ch ON ch.tenant_id = c.tenant_id AND ch.id = c.channel_id AND ch.deleted_at IS NULL
  WHERE c.tenant_id = $1 AND ($2::uuid IS NULL OR c.gateway_id = $2) AND ($3::uuid IS NULL OR c.channel_id = $3)
    AND ($4::text IS NULL OR c.state = $4)
    AND ($5::uuid IS NULL OR (c.gateway_id, c.channel_id) > ($5, $6::uuid))
  ORDER BY c.gateway_id, c.channel_id LIMIT $7`;

const GATEWAYS = `SELECT i.id, i.started_at AS "startedAt", i.seen_at AS "seenAt", ${IS_LIVE} AS live,
    count(c.channel_id)::int AS channels,
    (count(*) FILTER (WHERE c.state IN ('connected', 'degraded')))::int AS connected
  FROM incarnation i LEFT JOIN channel_connection c ON c.gateway_id = i.id AND c.tenant_id = $1
  WHERE i.service = 'gateway' AND i.stopped_at IS NULL AND i.seen_at > now() - interval '1 hour'
  GROUP BY i.id ORDER BY i.started_at, i.id`;
