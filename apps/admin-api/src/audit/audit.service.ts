import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { csvCell } from '../http/csv';
import { type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso } from '../http/wire';
import {
  type AuditFilter,
  auditPosition,
  type AuditVerdictView,
  type AuditView,
  type ListAuditDto,
} from './audit.dto';
import { AuditRepository, type AuditRow } from './audit.repository';

const BATCH = 500;
const COLUMNS = [
  ...(['seq', 'at', 'action', 'resource', 'resourceId', 'actor', 'before', 'after', 'ip'] as const),
  ...(['userAgent', 'correlationId', 'erased', 'hash'] as const),
];

/** Who did what, and whether the log that says so is the one that was written. */
@Injectable()
export class AuditService {
  constructor(private readonly rows: AuditRepository) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor, ...filter }: ListAuditDto,
  ): Promise<Page<AuditView>> {
    const [before = null] = readCursor(cursor, auditPosition) ?? [];
    const rows = await this.rows.list(tenantId, filter, before, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.seq] });
  }

  async verify({ tenantId }: Caller): Promise<AuditVerdictView> {
    const { isWhole, firstBroken, ...verdict } = await this.rows.verify(tenantId);
    return {
      ...verdict,
      whole: isWhole,
      firstBroken: firstBroken && { ...firstBroken, seq: Number(firstBroken.seq) },
      firstSeq: Number(verdict.firstSeq),
      lastSeq: Number(verdict.lastSeq),
    };
  }

  /** Newest first; a batch at a time, as fast as it is taken. */
  async *lines(
    { tenantId }: Caller,
    { format, ...filter }: AuditFilter & { readonly format: 'ndjson' | 'csv' },
  ): AsyncGenerator<string> {
    const line = format === 'csv' ? csvLine : (row: AuditView) => `${JSON.stringify(row)}\n`;
    if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
    let before: string | null = null;
    for (;;) {
      const rows: AuditRow[] = await this.rows.list(tenantId, filter, before, BATCH);
      if (rows.length > 0) yield rows.map((row) => line(view(row))).join('');
      before = rows.at(-1)?.seq ?? null;
      if (rows.length < BATCH) return;
    }
  }
}

const csvLine = (row: AuditView): string =>
  `${COLUMNS.map((name) => csvCell(plain(row[name]))).join(',')}\r\n`;

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);

const view = (row: AuditRow): AuditView => ({
  seq: Number(row.seq),
  at: iso(row.at),
  action: row.action,
  resource: row.resource,
  resourceId: row.resource_id,
  actor: row.actor,
  before: row.before as AuditView['before'],
  after: row.after as AuditView['after'],
  ip: row.ip,
  userAgent: row.user_agent,
  correlationId: row.correlation_id,
  erased: row.is_erased,
  hash: row.hash,
});
