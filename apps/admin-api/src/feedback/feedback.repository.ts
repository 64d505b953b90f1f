import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { FeedbackFilter, FeedbackView } from './feedback.dto';

export interface FeedbackRow {
  id: string;
  kind: FeedbackView['kind'];
  text: string | null;
  channel_id: string;
  turn_id: string | null;
  agent_version_id: string | null;
  member_id: string;
  created_at: Date;
  updated_at: Date;
  cursor_at: string;
}

@Injectable()
export class FeedbackRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(
    tenantId: string,
    { kind, channelId, turnId, agentVersionId, since }: FeedbackFilter,
    after: readonly string[] | null,
    limit: number,
  ): Promise<FeedbackRow[]> {
    return this.database.inTenantOnce<FeedbackRow & Record<string, unknown>>(
      tenantId,
      `SELECT id, kind, text, channel_id, turn_id, agent_version_id, member_id, created_at, updated_at,
              created_at::text AS cursor_at
         FROM feedback
        WHERE tenant_id = $1 AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR channel_id = $3)
          AND ($4::uuid IS NULL OR turn_id = $4) AND ($5::uuid IS NULL OR agent_version_id = $5)
          AND ($6::timestamptz IS NULL OR created_at >= $6)
          AND ($7::timestamptz IS NULL OR (created_at, id) < ($7, $8::uuid))
        ORDER BY created_at DESC, id DESC LIMIT $9`,
      [
        tenantId,
        kind ?? null,
        channelId ?? null,
        turnId ?? null,
        agentVersionId ?? null,
        since ?? null,
        after?.[0] ?? null,
        after?.[1] ?? null,
        limit,
      ],
    );
  }
}
