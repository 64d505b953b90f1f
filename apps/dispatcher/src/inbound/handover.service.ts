import { Injectable } from '@nestjs/common';

import {
  type DeliveryJob,
  deliveryQueue,
  type GenerationJob,
  generationQueue,
  type JobProducer,
} from '@common/contracts';
import { Logger } from '@common/logging';
import type { Work } from '@common/persistence';
import { InjectProducer } from '@common/queue';

/** Gives committed rows to the services that work on them. A queue that is away costs seconds: the sweeper wakes the rows. */
@Injectable()
export class Handover {
  constructor(
    @InjectProducer(generationQueue) private readonly generation: JobProducer<GenerationJob>,
    @InjectProducer(deliveryQueue) private readonly delivery: JobProducer<DeliveryJob>,
    private readonly logger: Logger,
  ) {}

  async enqueue(of: { tenantId: string; correlationId: string }, work: Work): Promise<void> {
    const envelope = { version: 1 as const, ...of };
    const results = await Promise.allSettled([
      work.turn &&
        this.generation.enqueue({ ...envelope, turnId: work.turn.id, wake: work.turn.wake }),
      work.delivery &&
        this.delivery.enqueue({
          ...envelope,
          deliveryId: work.delivery.id,
          wake: work.delivery.wake,
        }),
    ]);
    for (const result of results)
      if (result.status === 'rejected')
        this.logger.warn('job left to the sweeper', { error: result.reason });
  }
}
