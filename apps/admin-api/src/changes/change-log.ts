import { Injectable } from '@nestjs/common';

import { correlation } from '@common/kernel';
import { Database, type Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { IdempotencyRepository } from './idempotency.repository';
import { runningWrite } from './running-write';

/** What a write did. `before` and `after` are what clients see of the resource: without secrets. */
export interface Change<T> {
  readonly result: T;
  readonly resourceId: string | null;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Names of the secret fields that were set: their values are nobody's business. */
  readonly secretsWritten?: readonly string[];
}

export interface WriteOptions {
  /** Word of the audit log, e.g. `channel.update`; what stands before the dot is the resource. */
  readonly action: string;
  /** The result is what the route answers, so it can be kept for `Idempotency-Key` in the same transaction. */
  readonly answersResult?: boolean;
}

/** A look at what people wrote: whose words, never the words. */
export interface ContentRead {
  /** Word of the audit log, e.g. `messages.read`. */
  readonly action: string;
  readonly resourceId: string | null;
  /** What was asked for. */
  readonly filter: unknown;
}

/** The one way to write: the change, its audit row and its kept answer are one transaction. Reads of content are noted too. */
@Injectable()
export class ChangeLog {
  constructor(
    private readonly database: Database,
    private readonly answers: IdempotencyRepository,
  ) {}

  async write<T>(
    caller: Caller,
    { action, answersResult = true }: WriteOptions,
    work: (tx: Tx) => Promise<Change<T>>,
  ): Promise<T> {
    const running = runningWrite.getStore();
    const result = await this.database.inTenant(caller.tenantId, async (tx) => {
      const change = await work(tx);
      await recordChange(tx, caller, action, change);
      if (running && answersResult)
        await this.answers.keep(tx, running, { status: running.status, body: change.result });
      return change.result;
    });
    if (running && answersResult) running.isKept = true;
    return result;
  }

  /** Notes that somebody reads content; nothing is shown before this is written. */
  async noteRead(caller: Caller, { action, resourceId, filter }: ContentRead): Promise<void> {
    const change = { result: undefined, resourceId, after: filter };
    await this.database.inTenantOnce(caller.tenantId, INSERT, rowOf(caller, action, change));
  }
}

const recordChange = (tx: Tx, caller: Caller, action: string, change: Change<unknown>) =>
  tx.query(INSERT, rowOf(caller, action, change));

function rowOf(caller: Caller, action: string, change: Change<unknown>): unknown[] {
  const { keyId, keyName, role, isPlatform } = caller;
  const after = change.secretsWritten?.length
    ? { ...(change.after as object), secretsWritten: change.secretsWritten }
    : change.after;
  return [
    caller.tenantId,
    JSON.stringify(
      caller.kind === 'administrator'
        ? { administratorId: keyId, name: keyName, role, isPlatform }
        : { keyId, keyName, role, isPlatform },
    ),
    action,
    action.split('.')[0],
    change.resourceId,
    asJson(change.before),
    asJson(after),
    correlation.getStore()?.correlationId ?? null,
    caller.ip,
    caller.userAgent,
  ];
}

const asJson = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

const INSERT = {
  name: 'audit.insert',
  text: `INSERT INTO audit_log (tenant_id, actor, action, resource, resource_id, before, after, correlation_id, ip,
      user_agent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};
