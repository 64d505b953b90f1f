import { Injectable } from '@nestjs/common';

import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';

import { type Usage, UsageRepository } from './usage.repository';

const WRITE_EVERY_MS = 1_000;

/** Who pays for a call. */
export interface Payer {
  readonly tenantId: string;
  readonly channelId: string;
  /** Null: nobody said to which organisation the channel belongs, so nobody counts. */
  readonly organizationId: string | null;
}

export type Used = 'apiCalls' | 'webhookMessages' | 'answers';

/**
 * Counts what organisations use of their monthly allowances: in memory, written to Postgres once a second for all of
 * them. A killed process forgets a second.
 */
@Injectable()
export class UsageLedger {
  private readonly rounds: Periodic;
  private unwritten = new Map<string, Usage>();

  constructor(
    private readonly usages: UsageRepository,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    this.rounds = new Periodic(() => this.write(), {
      everyMs: WRITE_EVERY_MS,
      clock,
      onError: (error) => logger.warn('usage not written', { error }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  async stop(): Promise<void> {
    await this.rounds.stop();
    await this.write().catch((error: unknown) => this.logger.warn('usage not written', { error }));
  }

  count({ tenantId, organizationId }: Payer, what: Used): void {
    if (organizationId === null) return;
    const none = { tenantId, organizationId, apiCalls: 0, webhookMessages: 0, answers: 0 };
    const usage = this.unwritten.get(organizationId) ?? none;
    this.unwritten.set(organizationId, { ...usage, [what]: usage[what] + 1 });
  }

  /** The platform said that an allowance is used up: no further call of this kind until somebody acts. */
  async refused({ tenantId, channelId }: Payer, kind: 'api' | 'message'): Promise<void> {
    this.logger.error('allowance used up', { channelId, code: `quota_${kind}` });
    try {
      await this.usages.refuse(tenantId, channelId, kind);
    } catch (error) {
      this.logger.warn('used up allowance not kept', { channelId, error });
    }
  }

  private async write(): Promise<void> {
    if (this.unwritten.size === 0) return;
    const batch = [...this.unwritten.values()];
    this.unwritten = new Map();
    try {
      await this.usages.add(batch);
    } catch (error) {
      for (const usage of batch) this.putBack(usage);
      throw error;
    }
  }

  private putBack(usage: Usage): void {
    const since = this.unwritten.get(usage.organizationId);
    this.unwritten.set(usage.organizationId, {
      ...usage,
      apiCalls: usage.apiCalls + (since?.apiCalls ?? 0),
      webhookMessages: usage.webhookMessages + (since?.webhookMessages ?? 0),
      answers: usage.answers + (since?.answers ?? 0),
    });
  }
}
