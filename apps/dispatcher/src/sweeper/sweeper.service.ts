import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { Incarnation, SHARED_REDIS } from '@common/bootstrap';
import {
  type DeliveryJob,
  deliveryQueue,
  type FileJob,
  filesQueue,
  type GenerationJob,
  generationQueue,
  type InboundJob,
  inboundQueue,
  type JobProducer,
  type OutboundJob,
  outboundQueue,
} from '@common/contracts';
import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';
import { InjectProducer, WorkProducer } from '@common/queue';

import { DispatcherConfig } from '../dispatcher.config';
import { BATCH, SweeperRepository, type Woken } from './sweeper.repository';

/** Nothing stands still: a timer in every dispatcher wakes rows that nobody works on. No leader (design §3.5). */
@Injectable()
export class Sweeper {
  private readonly rounds: Periodic;
  private sweeps = 0;

  constructor(
    config: DispatcherConfig,
    private readonly rows: SweeperRepository,
    private readonly incarnation: Incarnation,
    private readonly work: WorkProducer,
    @InjectProducer(inboundQueue) private readonly inbound: JobProducer<InboundJob>,
    @InjectProducer(generationQueue) private readonly generation: JobProducer<GenerationJob>,
    @InjectProducer(deliveryQueue) private readonly delivery: JobProducer<DeliveryJob>,
    @InjectProducer(filesQueue) private readonly files: JobProducer<FileJob>,
    @InjectProducer(outboundQueue) private readonly outbound: JobProducer<OutboundJob>,
    clock: Clock,
    private readonly logger: Logger,
    @Inject(SHARED_REDIS) private readonly redis: Pick<Redis, 'status'>,
  ) {
    this.rounds = new Periodic(() => this.round(), {
      everyMs: config.SWEEP_INTERVAL_MS,
      clock,
      onError: (error) => logger.warn('sweep failed', { error }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /**
   * One look at everything. While Redis is away nothing is woken: it would reach no queue and only lengthen the rows'
   * next wait.
   */
  async sweep(): Promise<void> {
    if (this.redis.status !== 'ready') return;
    const takeOver = this.incarnation.mayTakeOver();
    await inBatches(
      () => this.rows.events(),
      ({ id, ...of }) => this.inbound.enqueue({ ...job(id, of), eventId: id }),
    );
    await inBatches(
      () => this.rows.turns(takeOver),
      ({ id, ...of }) => this.generation.enqueue({ ...job(id, of), turnId: id }),
    );
    await inBatches(
      () => this.rows.deliveries(takeOver),
      ({ id, ...of }) => this.delivery.enqueue({ ...job(id, of), deliveryId: id }),
    );
    await inBatches(
      () => this.rows.files(takeOver),
      ({ id, ...of }) => this.files.enqueue({ ...job(id, of), fileId: id }),
    );
    await inBatches(
      () => this.rows.notices(takeOver),
      ({ id, ...of }) => this.outbound.enqueue({ ...job(id, of), noticeId: id }),
    );
    for (const { tenantId, threadId } of await this.rows.strandedThreads()) {
      this.logger.error('stranded thread found', { threadId });
      await this.work.enqueue(
        { tenantId, correlationId: threadId },
        await this.rows.activate(tenantId, threadId),
      );
    }
  }

  private async round(): Promise<void> {
    await this.sweep();
    if (this.sweeps++ % 1_000 !== 0) return;
    await this.rows.forgetOldIncarnations();
    await this.rows.forgetOldTransitions();
  }
}

/** Batches of one kind in one sweep: a crowd stands still when Redis was wiped, and one that only waits is not doubled. */
const MOST_BATCHES = 5;

async function inBatches(
  wake: () => Promise<Woken[]>,
  enqueue: (row: Woken) => Promise<void>,
): Promise<void> {
  for (let n = 0; n < MOST_BATCHES; n += 1) {
    const woken = await wake();
    await Promise.all(woken.map(enqueue));
    if (woken.length < BATCH) return;
  }
}

const job = (id: string, { tenantId, wake }: Omit<Woken, 'id'>) => ({
  version: 1 as const,
  tenantId,
  correlationId: id,
  wake,
});
