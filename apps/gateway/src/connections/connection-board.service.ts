import { Injectable } from '@nestjs/common';
import type { Gauge } from 'prom-client';

import { Incarnation, Metrics } from '@common/bootstrap';
import type { ConnectionReport } from '@common/domain';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import type { RosterChannel } from '../channels/channel-roster.repository';
import { Transitions } from './transitions';

interface Posting {
  readonly tenantId: string;
  readonly report: ConnectionReport;
}

const RETRY_MS = 1_000;

/**
 * What this gateway knows of its connections, written to Postgres when it changes (P9). Its own heartbeat says how fresh
 * that is. One statement for all that changed; what could not be written is written later.
 */
@Injectable()
export class ConnectionBoard {
  /** The newest report of each channel that was not written yet; null: remove the row. */
  private readonly unwritten = new Map<string, Posting | null>();
  /** What each channel said last. */
  private readonly reports = new Map<string, ConnectionReport>();
  private readonly counts = new Map<string, number>();
  private readonly transitions: Transitions;
  private readonly gauge: Gauge;
  private writing = false;

  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
    private readonly clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.transitions = new Transitions(clock);
    this.gauge = metrics.gauge('gateway_connections', 'Stream connections by state', ['state']);
  }

  post(channel: Pick<RosterChannel, 'id' | 'tenantId'>, report: ConnectionReport): void {
    const before = this.reports.get(channel.id);
    this.reports.set(channel.id, report);
    this.count(before?.state, report.state);
    // The same state with the same code is no transition.
    if (before?.state !== report.state || before.code !== report.code)
      this.transitions.note(channel, report);
    this.unwritten.set(channel.id, { tenantId: channel.tenantId, report });
    void this.write();
  }

  remove(channelId: string): void {
    this.count(this.reports.get(channelId)?.state, undefined);
    this.reports.delete(channelId);
    this.unwritten.set(channelId, null);
    void this.write();
  }

  private count(before: string | undefined, state: string | undefined): void {
    if (before === state) return;
    if (before !== undefined) this.add(before, -1);
    if (state !== undefined) this.add(state, 1);
  }

  private add(state: string, change: number): void {
    const count = (this.counts.get(state) ?? 0) + change;
    this.counts.set(state, count);
    if (count > 0) this.gauge.set({ state }, count);
    else this.gauge.remove({ state });
  }

  private async write(): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    while (this.unwritten.size > 0) {
      const batch = [...this.unwritten];
      this.unwritten.clear();
      try {
        await this.save(batch);
      } catch (error) {
        this.logger.debug('connection reports not written', { error });
        for (const [id, posting] of batch)
          if (!this.unwritten.has(id)) this.unwritten.set(id, posting);
        await this.clock.sleep(RETRY_MS);
      }
    }
    this.writing = false;
  }

  private async save(batch: readonly (readonly [string, Posting | null])[]): Promise<void> {
    const removed = batch.filter(([, posting]) => posting === null).map(([id]) => id);
    const posted = batch.flatMap(([id, posting]) => (posting ? [rowOf(id, posting)] : []));
    const past = this.transitions.waiting();
    await this.database.acrossTenantsOnce('reconcile', { name: 'board.save', text: SAVE }, [
      this.incarnation.id,
      removed,
      JSON.stringify(posted),
      JSON.stringify(past),
    ]);
    this.transitions.written(past);
  }
}

const isoOf = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

function rowOf(channelId: string, { tenantId, report }: Posting) {
  const { lastError } = report;
  return {
    tenant_id: tenantId,
    channel_id: channelId,
    state: report.state,
    code: report.code,
    message: report.message,
    user_action: report.userAction,
    connected_at: isoOf(report.connectedAtMs),
    last_error: lastError && {
      code: lastError.code,
      message: lastError.message,
      at: isoOf(lastError.atMs),
    },
  };
}

const SAVE = `
WITH gone AS (
  DELETE FROM channel_connection WHERE gateway_id = $1 AND channel_id = ANY($2)
), past AS (
  INSERT INTO channel_transition (id, tenant_id, channel_id, gateway_id, state, code, message, at)
  SELECT t.id, t.tenant_id, t.channel_id, $1, t.state, t.code, t.message, t.at
    FROM jsonb_to_recordset($4::jsonb) AS t (id uuid, tenant_id uuid, channel_id uuid, state text, code text,
         message text, at timestamptz)
  ON CONFLICT DO NOTHING
)
INSERT INTO channel_connection (tenant_id, channel_id, gateway_id, state, code, message, user_action, connected_at,
                                last_error, changed_at)
SELECT r.tenant_id, r.channel_id, $1, r.state, r.code, r.message, r.user_action, r.connected_at, r.last_error, now()
  FROM jsonb_to_recordset($3::jsonb) AS r (tenant_id uuid, channel_id uuid, state text, code text, message text,
       user_action text, connected_at timestamptz, last_error jsonb)
ON CONFLICT (channel_id, gateway_id) DO UPDATE
   SET state = EXCLUDED.state, code = EXCLUDED.code, message = EXCLUDED.message, user_action = EXCLUDED.user_action,
       connected_at = EXCLUDED.connected_at, last_error = EXCLUDED.last_error, changed_at = now()`;
