import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Database, type Statement } from '@common/persistence';

/** A turn that wants a job. */
export interface WokenTurn {
  readonly id: string;
  readonly tenantId: string;
  readonly wake: number;
}

export interface WaitingPools {
  readonly tenantId: string;
  readonly pools: readonly string[];
}

/** Permits given at a time; more come with the next look. */
const MOST = 100;

/** Permits as rows (design §3, slots). Everything that decides is under the tenant's permit lock. */
@Injectable()
export class PermitRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /**
   * How many turns this process can answer at a time: permits are parts of all living processes' slots.
   * @returns false when no heartbeat has reached Postgres yet
   */
  async offerSlots(slots: number): Promise<boolean> {
    const rows = await this.database.platformOnce(
      'UPDATE incarnation SET slots = $2 WHERE id = $1 RETURNING id',
      [this.incarnation.id, slots],
    );
    return rows.length === 1;
  }

  /** Gives what is free in these pools to those who wait, the oldest first. */
  async grant(tenantId: string, pools: readonly string[]): Promise<WokenTurn[]> {
    const rows = await this.database.inTenantOnce<{ granted_turn: string; granted_wake: number }>(
      tenantId,
      { name: 'permit.grant', text: 'SELECT * FROM grant_permits($1, $2, $3)' },
      [tenantId, pools, MOST],
    );
    return rows.map((row) => ({ id: row.granted_turn, tenantId, wake: row.granted_wake }));
  }

  /** Where anybody waits. */
  async waiting(): Promise<WaitingPools[]> {
    const rows = await this.database.acrossTenantsOnce<{ tenant_id: string; pools: string[] }>(
      'reconcile',
      { name: 'permit.waiting', text: WAITING },
    );
    return rows.map((row) => ({ tenantId: row.tenant_id, pools: row.pools }));
  }

  /** Wakes turns that waited for a person for too long, or were cancelled meanwhile. */
  letGo(): Promise<WokenTurn[]> {
    return this.woken({ name: 'permit.let-go', text: LET_GO });
  }

  /** Takes those out of the order that will ask no agent: cancelled, or their channel was switched off. */
  dismiss(): Promise<WokenTurn[]> {
    return this.woken({ name: 'permit.dismiss', text: DISMISS });
  }

  private async woken(statement: Statement): Promise<WokenTurn[]> {
    const rows = await this.database.acrossTenantsOnce<{
      id: string;
      tenant_id: string;
      wake: number;
    }>('reconcile', statement);
    return rows.map((row) => ({ id: row.id, tenantId: row.tenant_id, wake: row.wake }));
  }
}

/** Nobody answered in time, or the turn was cancelled while it waited for a person. */
const LET_GO = `
WITH late AS (
  UPDATE tool_call SET state = 'declined', error_code = 'expired',
         result = 'Tool failed: the person did not answer within 10 minutes.' WHERE state = 'asked' AND expires_at < now()
  RETURNING turn_id
)
UPDATE turn t SET state = 'active', wake = t.wake + 1, woken_at = now()
 WHERE t.state = 'waiting' AND (t.cancel_requested_at IS NOT NULL OR t.id IN (SELECT turn_id FROM late))
RETURNING t.id, t.tenant_id, t.wake`;

const WAITING = `
SELECT tenant_id, array_agg(DISTINCT permit_pool) AS pools FROM turn WHERE permit_pool IS NOT NULL GROUP BY tenant_id`;

const DISMISS = `
UPDATE turn t SET permit_pool = NULL, wake = t.wake + 1, woken_at = now()
  FROM channel c
 WHERE c.id = t.channel_id AND t.permit_pool IS NOT NULL
   AND (t.cancel_requested_at IS NOT NULL OR NOT c.enabled OR c.deleted_at IS NOT NULL)
RETURNING t.id, t.tenant_id, t.wake`;
