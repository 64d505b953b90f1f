import { Injectable } from '@nestjs/common';

import { activateNext, Database, type Work } from '@common/persistence';

export interface Woken {
  readonly id: string;
  readonly tenantId: string;
  readonly wake: number;
}

interface WokenRow {
  id: string;
  tenant_id: string;
  wake: number;
}

/** Rows woken by one statement. */
export const BATCH = 200;

/**
 * Rows that stand still. Waking raises the counter by one under a row lock that others skip, so any number of sweepers
 * may run. The wait doubles with each waking (3 s to 60 s): a row that waits in a long queue is not flooded with jobs.
 */
@Injectable()
export class SweeperRepository {
  constructor(private readonly database: Database) {}

  events(): Promise<Woken[]> {
    return this.wake(EVENTS, [BATCH]);
  }

  /** @param takeOver whether rows of owners that were not seen may be woken */
  turns(takeOver: boolean): Promise<Woken[]> {
    return this.wake(TURNS, [BATCH, takeOver]);
  }

  deliveries(takeOver: boolean): Promise<Woken[]> {
    return this.wake(DELIVERIES, [BATCH, takeOver]);
  }

  /** @param takeOver as above */
  files(takeOver: boolean): Promise<Woken[]> {
    return this.wake(FILES, [BATCH, takeOver]);
  }

  notices(takeOver: boolean): Promise<Woken[]> {
    return this.wake(NOTICES, [BATCH, takeOver]);
  }

  /** Threads whose queued turn nobody activated: impossible by construction, so looked for all the same. */
  async strandedThreads(): Promise<{ tenantId: string; threadId: string }[]> {
    const rows = await this.database.acrossTenantsOnce<{ tenant_id: string; thread_id: string }>(
      'sweeper',
      STRANDED,
      [BATCH],
    );
    return rows.map((row) => ({ tenantId: row.tenant_id, threadId: row.thread_id }));
  }

  async activate(tenantId: string, threadId: string): Promise<Work> {
    return this.database.inTenant(tenantId, async (tx) => {
      await tx.query('SELECT id FROM thread WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
        tenantId,
        threadId,
      ]);
      return activateNext(tx, tenantId, threadId);
    });
  }

  /** Processes that ended more than a day ago. */
  async forgetOldIncarnations(): Promise<void> {
    await this.database.platformOnce(
      `DELETE FROM incarnation WHERE seen_at < now() - interval '1 day'`,
    );
  }

  /** What channels went through more than a month ago. */
  async forgetOldTransitions(): Promise<void> {
    await this.database.acrossTenantsOnce(
      'sweeper',
      `DELETE FROM channel_transition WHERE at < now() - interval '30 days'`,
    );
  }

  private async wake(text: string, values: unknown[]): Promise<Woken[]> {
    const rows = await this.database.acrossTenantsOnce<WokenRow>('sweeper', text, values);
    return rows.map(({ id, tenant_id, wake }) => ({ id, tenantId: tenant_id, wake }));
  }
}

const stoodStill = (row: string): string =>
  `${row}.woken_at < now() - LEAST(interval '3 seconds' * power(2, LEAST(${row}.wake, 6)), interval '60 seconds')`;

const ownerIsDead = (row: string): string =>
  `NOT EXISTS (SELECT 1 FROM incarnation i WHERE i.id = ${row}.owner AND i.seen_at > now() - interval '6 seconds')`;

/** Nobody has it and it stood still; or its owner is dead, which is reason enough after a moment. */
const abandoned = (row: string): string => `(
  (${row}.owner IS NULL AND ${stoodStill(row)})
  OR ($2 AND ${row}.owner IS NOT NULL AND ${row}.woken_at < now() - interval '2 seconds' AND ${ownerIsDead(row)}))`;

const EVENTS = `
UPDATE inbound_event SET wake = wake + 1, woken_at = now()
 WHERE id IN (SELECT e.id FROM inbound_event e WHERE e.state = 'pending' AND ${stoodStill('e')}
               ORDER BY e.woken_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, tenant_id, wake`;

/** Those without a permit wait in their order; generators wake them. */
const TURNS = `
UPDATE turn SET wake = wake + 1, woken_at = now()
 WHERE id IN (SELECT t.id FROM turn t WHERE t.state = 'active' AND t.permit_pool IS NULL AND ${abandoned('t')}
               ORDER BY t.woken_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, tenant_id, wake`;

const DELIVERIES = `
UPDATE delivery SET wake = wake + 1, woken_at = now()
 WHERE id IN (SELECT d.id FROM delivery d LEFT JOIN turn t ON t.id = d.turn_id
               WHERE d.state = 'open' AND (t.id IS NULL OR t.state <> 'queued') AND ${abandoned('d')}
               ORDER BY d.woken_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED)
RETURNING id, tenant_id, wake`;

const FILES = `
UPDATE file SET wake = wake + 1, woken_at = now()
 WHERE id IN (SELECT f.id FROM file f WHERE f.state = 'wanted' AND ${abandoned('f')}
               ORDER BY f.woken_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, tenant_id, wake`;

/** Those whose time has come. A sender that rests says itself when to look again. */
const NOTICES = `
UPDATE notice SET wake = wake + 1, wake_at = now() + interval '10 seconds'
 WHERE id IN (SELECT n.id FROM notice n WHERE n.todo AND n.wake_at <= now() AND n.send_at <= now()
                 AND (n.owner IS NULL OR ($2 AND ${ownerIsDead('n')}))
               ORDER BY n.wake_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, tenant_id, wake`;

const STRANDED = `
SELECT DISTINCT q.tenant_id, q.thread_id FROM turn q
 WHERE q.state = 'queued' AND q.woken_at < now() - interval '5 seconds'
   AND NOT EXISTS (SELECT 1 FROM turn o WHERE o.thread_id = q.thread_id AND o.state IN ('active', 'waiting', 'generated'))
 LIMIT $1`;
