import { Injectable } from '@nestjs/common';

import type { ChannelState } from '@common/domain';
import { Database } from '@common/persistence';

import type { QuarantinedView } from './channel-status.dto';

export interface TransitionRow {
  id: string;
  gateway_id: string;
  state: ChannelState;
  code: string;
  message: string;
  at: Date;
  cursor_at: string;
}

export interface QuarantinedRow {
  id: string;
  kind: QuarantinedView['kind'];
  received_at: Date;
  cause: string | null;
  failures: number;
  cursor_at: string;
}

type Before = readonly string[] | null;

@Injectable()
export class ChannelHistoryRepository {
  constructor(private readonly database: Database) {}

  transitions(
    tenantId: string,
    channelId: string,
    before: Before,
    limit: number,
  ): Promise<TransitionRow[]> {
    return this.database.inTenantOnce<TransitionRow>(
      tenantId,
      `SELECT id, gateway_id, state, code, message, at, at::text AS cursor_at FROM channel_transition
        WHERE tenant_id = $1 AND channel_id = $2 AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::uuid))
        ORDER BY at DESC, id DESC LIMIT $5`,
      [tenantId, channelId, before?.[0] ?? null, before?.[1] ?? null, limit],
    );
  }

  quarantine(
    tenantId: string,
    channelId: string,
    before: Before,
    limit: number,
  ): Promise<QuarantinedRow[]> {
    return this.database.inTenantOnce<QuarantinedRow>(
      tenantId,
      `SELECT id, kind, received_at, cause, failures, received_at::text AS cursor_at FROM inbound_event
        WHERE tenant_id = $1 AND channel_id = $2 AND state = 'quarantined'
          AND ($3::timestamptz IS NULL OR (received_at, id) < ($3, $4::uuid))
        ORDER BY received_at DESC, id DESC LIMIT $5`,
      [tenantId, channelId, before?.[0] ?? null, before?.[1] ?? null, limit],
    );
  }
}
