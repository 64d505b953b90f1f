import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';
import { Database } from '@common/persistence';

import type { ClaimedTurn } from '../generation/claimed-turn';
import type { ContentFilter } from './content-filter';
import type { ContentRule } from './content-rule';

/** How long rules are believed; most tenants have none, and no turn should ask. */
const BELIEVED_MS = 5_000;
const MOST_TENANTS = 5_000;

type Row = ContentRule & { readonly channelId: string | null };

/** Content rules, and the trail of their application: which rule, which turn, how often; never the words. */
@Injectable()
export class ContentRules {
  private readonly known = new Map<
    string,
    { readonly at: number; readonly rules: Promise<Row[]> }
  >();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async of({ tenantId, channelId }: ClaimedTurn): Promise<ContentRule[]> {
    const rules = await this.ofTenant(tenantId);
    return rules.filter((rule) => rule.channelId === null || rule.channelId === channelId);
  }

  async record(turn: ClaimedTurn, direction: 'in' | 'out', { hits }: ContentFilter): Promise<void> {
    if (hits.size === 0) return;
    const rows = [...hits].map(([id, { action, count }]) => ({ id, action, count }));
    await this.database.inTenantOnce(
      turn.tenantId,
      `INSERT INTO content_finding (tenant_id, turn_id, rule_id, direction, action, hits)
       SELECT $1, $2, f.id, $3, f.action, f.count FROM jsonb_to_recordset($4::jsonb) AS f (id uuid, action text, count integer)`,
      [turn.tenantId, turn.id, direction, JSON.stringify(rows)],
    );
  }

  private ofTenant(tenantId: string): Promise<Row[]> {
    const now = this.clock.now();
    const known = this.known.get(tenantId);
    if (known && known.at + BELIEVED_MS > now) return known.rules;
    const rules = this.database.inTenantOnce<Row>(
      tenantId,
      `SELECT id, channel_id AS "channelId", direction, action, words, kinds FROM content_rule
        WHERE tenant_id = $1 AND deleted_at IS NULL AND enabled`,
      [tenantId],
    );
    // What could not be read is read again by the next turn.
    rules.catch(() => this.known.delete(tenantId));
    if (this.known.size >= MOST_TENANTS) this.known.clear();
    this.known.set(tenantId, { at: now, rules });
    return rules;
  }
}
