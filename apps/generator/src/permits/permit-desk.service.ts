import { Injectable } from '@nestjs/common';

import { type GenerationJob, generationQueue, type JobProducer } from '@common/contracts';
import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';
import { InjectProducer } from '@common/queue';

import { GeneratorConfig } from '../generator.config';
import { PermitRepository, type WokenTurn } from './permit.repository';

const LOOK_EVERY_MS = 1_000;

/**
 * Wakes turns that wait for a permit: at once when one of ours is given back and somebody wants it, and with one look a
 * second for all else (a dead owner's permits, a raised limit, a cancelled turn, a person who never answered). Any number of desks may work: grants are
 * made under the tenant's lock, and a job that is lost is the sweeper's, since a granted turn waits no more.
 */
@Injectable()
export class PermitDesk {
  private readonly looks: Periodic;
  private hasOffered = false;

  constructor(
    private readonly config: GeneratorConfig,
    private readonly permits: PermitRepository,
    @InjectProducer(generationQueue) private readonly generation: JobProducer<GenerationJob>,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    const onError = (error: unknown): void => logger.debug('permit look failed', { error });
    this.looks = new Periodic(() => this.look(), { everyMs: LOOK_EVERY_MS, clock, onError });
  }

  async start(): Promise<void> {
    await this.offer().catch((error: unknown) =>
      this.logger.debug('slots left to the next look', { error }),
    );
    this.looks.start();
  }

  stop(): Promise<void> {
    return this.looks.stop();
  }

  /** A permit was given back. `pools`: those of its pools in which others wait. */
  freed(tenantId: string, pools: readonly string[]): void {
    if (pools.length === 0) return;
    this.grant(tenantId, pools).catch((error: unknown) =>
      this.logger.debug('freed permit left to the next look', { error }),
    );
  }

  async look(): Promise<void> {
    await this.offer();
    await this.wake(await this.permits.letGo());
    const waiting = await this.permits.waiting();
    if (waiting.length === 0) return;
    await this.wake(await this.permits.dismiss());
    for (const { tenantId, pools } of waiting) await this.grant(tenantId, pools);
  }

  /** Until Postgres has it: a database that is away for a moment costs neither the process nor its slots. */
  private async offer(): Promise<void> {
    this.hasOffered ||= await this.permits.offerSlots(this.config.GENERATOR_CONCURRENCY);
  }

  private async grant(tenantId: string, pools: readonly string[]): Promise<void> {
    await this.wake(await this.permits.grant(tenantId, pools));
  }

  private async wake(turns: readonly WokenTurn[]): Promise<void> {
    await Promise.all(
      turns.map(({ id, tenantId, wake }) =>
        this.generation.enqueue({ version: 1, tenantId, correlationId: id, turnId: id, wake }),
      ),
    );
  }
}
