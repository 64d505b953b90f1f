import { Injectable } from '@nestjs/common';

import type { DeliveryState, DeliveryWay } from '@common/domain';
import { Database } from '@common/persistence';

export interface DeliveryRow {
  id: string;
  channel_id: string;
  turn_id: string | null;
  state: DeliveryState;
  way: DeliveryWay | null;
  card_state: string | null;
  error_code: string | null;
  error_message: string | null;
  attempt: number;
  pieces: { total: number; sent: number; possiblyTwice: number };
  created_at: Date;
  ended_at: Date | null;
  cursor_at: string;
}

export interface DeliveryFilter {
  readonly state: DeliveryState | undefined;
  readonly channelId: string | undefined;
  readonly turnId: string | undefined;
  readonly after: readonly string[] | null;
  readonly limit: number;
}

const SELECT = `
SELECT d.id, d.channel_id, d.turn_id, d.state, d.way, d.card_state, d.error_code, d.error_message, d.attempt,
       (SELECT jsonb_build_object('total', count(*), 'sent', count(*) FILTER (WHERE p.state = 'sent'),
               'possiblyTwice', count(*) FILTER (WHERE p.possibly_twice))
          FROM delivery_piece p WHERE p.delivery_id = d.id) AS pieces,
       d.created_at, d.ended_at, d.created_at::text AS cursor_at
  FROM delivery d WHERE d.tenant_id = $1`;

@Injectable()
export class DeliveriesRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(tenantId: string, filter: DeliveryFilter): Promise<DeliveryRow[]> {
    return this.database.inTenantOnce<DeliveryRow & Record<string, unknown>>(
      tenantId,
      `${SELECT} AND ($2::text IS NULL OR d.state = $2) AND ($3::uuid IS NULL OR d.channel_id = $3)
          AND ($4::uuid IS NULL OR d.turn_id = $4)
          AND ($5::timestamptz IS NULL OR (d.created_at, d.id) < ($5, $6::uuid))
        ORDER BY d.created_at DESC, d.id DESC LIMIT $7`,
      [
        tenantId,
        filter.state ?? null,
        filter.channelId ?? null,
        filter.turnId ?? null,
        filter.after?.[0] ?? null,
        filter.after?.[1] ?? null,
        filter.limit,
      ],
    );
  }

  async find(tenantId: string, id: string): Promise<DeliveryRow | undefined> {
    const [row] = await this.database.inTenantOnce<DeliveryRow & Record<string, unknown>>(
      tenantId,
      `${SELECT} AND d.id = $2`,
      [tenantId, id],
    );
    return row;
  }

  /** The delivery that is the turn's last word. */
  async latestOf(tenantId: string, turnId: string): Promise<DeliveryRow | undefined> {
    const [row] = await this.database.inTenantOnce<DeliveryRow & Record<string, unknown>>(
      tenantId,
      `${SELECT} AND d.turn_id = $2 ORDER BY d.created_at DESC, d.id DESC LIMIT 1`,
      [tenantId, turnId],
    );
    return row;
  }
}
