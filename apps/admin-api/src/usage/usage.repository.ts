import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { AttemptView, UsageQueryDto, UsageSum } from './usage.dto';

/** Rows of one answer at most; beyond it a narrower question is asked. */
export const MOST_SUMS = 5_000;

const COLUMN = {
  day: { sql: 'day::text', as: 'day' },
  channel: { sql: 'channel_id', as: 'channelId' },
  member: { sql: 'member_id', as: 'memberId' },
  department: { sql: 'department', as: 'department' },
  model: { sql: 'model_id', as: 'modelId' },
} as const;
/** One row for each department a person is in now; one without for people of none. */
const DEPARTMENTS = `
        LEFT JOIN member m ON m.tenant_id = u.tenant_id AND m.id = u.member_id
        LEFT JOIN LATERAL jsonb_array_elements_text(
          CASE jsonb_typeof(m.attributes -> 'departments') WHEN 'array' THEN m.attributes -> 'departments' END) d (department) ON true`;
const CHINA_TODAY = `(now() AT TIME ZONE 'Asia/Shanghai')::date`;

export interface AttemptRow extends Omit<AttemptView, 'startedAt' | 'endedAt'> {
  startedAt: Date;
  endedAt: Date | null;
  cursor_at: string;
}

/** What answering cost: sums by day, and single attempts. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  sums(tenantId: string, query: UsageQueryDto): Promise<UsageSum[]> {
    const { groupBy, from, to, channelId, memberId, modelId, department } = query;
    const chosen = new Set(groupBy);
    // Words of a fixed list, so they may stand in the text.
    const shown = Object.entries(COLUMN).map(
      ([group, { sql, as }]) =>
        `${chosen.has(group as keyof typeof COLUMN) ? sql : 'NULL'} AS "${as}"`,
    );
    const grouped = [...chosen].map((group) => COLUMN[group].sql).join(', ');
    return this.database.inTenantOnce<UsageSum>(
      tenantId,
      `SELECT ${shown.join(', ')}, sum(attempts)::float8 AS attempts, sum(turns)::float8 AS turns,
          sum(input_tokens)::float8 AS "inputTokens", sum(output_tokens)::float8 AS "outputTokens",
          sum(cached_tokens)::float8 AS "cachedTokens", sum(counted_tokens)::float8 AS "countedTokens",
          sum(tool_calls)::float8 AS "toolCalls", sum(duration_ms)::float8 AS "durationMs", sum(cost)::float8 AS cost
        FROM usage_day u${chosen.has('department') ? DEPARTMENTS : ''}
        WHERE u.tenant_id = $1 AND day >= COALESCE($2::date, ${CHINA_TODAY} - 30) AND day <= COALESCE($3::date, ${CHINA_TODAY})
          AND ($4::uuid IS NULL OR channel_id = $4) AND ($5::uuid IS NULL OR member_id = $5)
          AND ($6::uuid IS NULL OR model_id = $6)
          AND ($7::text IS NULL OR EXISTS (SELECT 1 FROM member o WHERE o.tenant_id = $1 AND o.id = u.member_id
                                              AND o.attributes -> 'departments' ? $7))
        GROUP BY ${grouped} ORDER BY ${grouped} LIMIT ${MOST_SUMS}`,
      [
        tenantId,
        from ?? null,
        to ?? null,
        channelId ?? null,
        memberId ?? null,
        modelId ?? null,
        department ?? null,
      ],
    );
  }

  /** Newest first. */
  attempts(
    tenantId: string,
    turnId: string | undefined,
    after: readonly string[] | null,
    limit: number,
  ): Promise<AttemptRow[]> {
    return this.database.inTenantOnce<AttemptRow>(
      tenantId,
      `SELECT turn_id AS "turnId", attempt, state, counted, channel_id AS "channelId", member_id AS "memberId",
          model_id AS "modelId", input_tokens::float8 AS "inputTokens", output_tokens::float8 AS "outputTokens",
          cached_tokens::float8 AS "cachedTokens", is_estimated AS "isEstimated", tool_calls AS "toolCalls",
          cost::float8 AS cost, code, started_at AS "startedAt", ended_at AS "endedAt", started_at::text AS cursor_at
        FROM turn_attempt
        WHERE tenant_id = $1 AND ($2::uuid IS NULL OR turn_id = $2)
          AND ($3::timestamptz IS NULL OR (started_at, turn_id) < ($3, $4::uuid))
        ORDER BY started_at DESC, turn_id DESC LIMIT $5`,
      [tenantId, turnId ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }
}
