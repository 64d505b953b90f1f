import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { derivedId, storableText } from '@common/kernel';
import { Database } from '@common/persistence';

import type { ClaimedTurn } from '../generation/claimed-turn';

export type CallState =
  'running' | 'finished' | 'failed' | 'unknown' | 'asked' | 'confirmed' | 'declined';

export interface CallWish {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The how-manieth call of this name with these arguments in the turn, from 1. */
  readonly n: number;
  readonly isReadOnly: boolean;
  readonly asksFirst: boolean;
}

export interface BegunCall {
  readonly id: string;
  /** What it was before; `new`: there was none. */
  readonly was: CallState | 'new';
  readonly result: string | null;
}

interface BegunRow {
  was: CallState | null;
  result: string | null;
}

/** Calls of tools as rows: what is finished is reused by a later attempt, and what may have happened is not repeated. */
@Injectable()
export class ToolCallRepository {
  constructor(private readonly database: Database) {}

  /**
   * Writes down that the call is about to be made. A call that was running in an earlier attempt becomes `unknown` unless
   * repeating it does no harm. One statement: the row says what was before.
   */
  async begin(turn: ClaimedTurn, wish: CallWish): Promise<BegunCall> {
    const key = keyOf(wish);
    const id = derivedId('tool_call', turn.id, key, String(wish.n));
    const rows = await this.database.inTenantOnce<BegunRow>(
      turn.tenantId,
      { name: 'tool.begin', text: BEGIN },
      [
        turn.tenantId,
        id,
        turn.id,
        turn.attempt,
        key,
        wish.n,
        wish.name,
        storableText(JSON.stringify(wish.args)),
        wish.isReadOnly,
        wish.asksFirst ? 'asked' : 'running',
      ],
    );
    return { id, was: rows[0]?.was ?? 'new', result: rows[0]?.result ?? null };
  }

  async end(
    turn: ClaimedTurn,
    id: string,
    state: 'finished' | 'failed' | 'unknown',
    result: string,
    code: string | null = null,
  ): Promise<void> {
    await this.database.inTenantOnce(turn.tenantId, { name: 'tool.end', text: END }, [
      turn.tenantId,
      id,
      turn.attempt,
      state,
      storableText(result),
      code,
    ]);
  }
}

/** The same call, whatever the order of its arguments. */
function keyOf({ name, args }: CallWish): string {
  return createHash('sha256')
    .update(`${name}\0${canonical(args)}`)
    .digest('hex')
    .slice(0, 32);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}

const BEGIN = `
WITH before AS (
  SELECT state, result FROM tool_call WHERE tenant_id = $1 AND id = $2
), begun AS (
  INSERT INTO tool_call (tenant_id, id, turn_id, attempt, key, n, name, arguments, is_read_only, state, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, CASE $10 WHEN 'asked' THEN now() + interval '10 minutes' END)
  ON CONFLICT (id) DO UPDATE SET attempt = $4,
    state = CASE WHEN tool_call.state IN ('failed', 'confirmed') THEN 'running'
                 WHEN tool_call.state = 'running' AND NOT tool_call.is_read_only THEN 'unknown'
                 ELSE tool_call.state END
)
SELECT state AS was, result FROM before`;

const END = `
UPDATE tool_call SET state = $4, result = $5, error_code = $6, ended_at = now()
 WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND state = 'running'`;
