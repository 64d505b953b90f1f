import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

export interface StepRow {
  at: Date;
  step: string;
  detail: unknown;
  /** Written by whoever did the step; the others are read off the columns of a row. */
  is_noted: boolean;
}

@Injectable()
export class TimelineRepository {
  constructor(private readonly database: Database) {}

  of(tenantId: string, turnId: string): Promise<StepRow[]> {
    return this.database.inTenantOnce<StepRow>(tenantId, STEPS, [tenantId, turnId]);
  }
}

const STEPS = {
  name: 'turn.timeline',
  text: `
    SELECT at, step, detail, true AS is_noted FROM turn_step WHERE tenant_id = $1 AND turn_id = $2
    UNION ALL
    SELECT c.at, c.step, c.detail, false FROM (
      SELECT received_at AS at, 'received' AS step, jsonb_strip_nulls(jsonb_build_object('eventId', id,
          'platformMessageId', platform_message_id, 'kind', kind)) AS detail
        FROM inbound_event WHERE tenant_id = $1 AND turn_id = $2
      UNION ALL
      SELECT acknowledged_at, 'acknowledged', jsonb_build_object('eventId', id)
        FROM inbound_event WHERE tenant_id = $1 AND turn_id = $2
      UNION ALL
      SELECT processed_at, 'dispatched', jsonb_strip_nulls(jsonb_build_object('eventId', id, 'cause', cause))
        FROM inbound_event WHERE tenant_id = $1 AND turn_id = $2
      UNION ALL
      SELECT s.at, s.step, NULL FROM turn t CROSS JOIN LATERAL (VALUES
          (t.created_at, 'queued'), (t.activated_at, 'activated'), (t.cancel_requested_at, 'cancel_requested'),
          (t.generated_at, 'generated'), (t.ended_at, 'ended')) s (at, step)
        WHERE t.tenant_id = $1 AND t.id = $2
      UNION ALL
      SELECT ended_at, state, jsonb_strip_nulls(jsonb_build_object(
          'deliveryId', id, 'way', way, 'code', error_code))
        FROM delivery WHERE tenant_id = $1 AND turn_id = $2
      UNION ALL
      SELECT claimed_at, 'delivery_claimed', jsonb_build_object('deliveryId', id, 'attempt', attempt)
        FROM delivery WHERE tenant_id = $1 AND turn_id = $2
      UNION ALL
      SELECT p.sent_at, 'piece_sent', jsonb_build_object('n', p.n, 'total', p.total, 'way', p.way)
        FROM delivery_piece p JOIN delivery d ON d.id = p.delivery_id
        WHERE d.tenant_id = $1 AND d.turn_id = $2
    ) c WHERE c.at IS NOT NULL`,
};
