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

import { InjectProducer } from './inject-producer.decorator';

/**
 * Adds the jobs that committed rows want, both at once on one connection. A queue that is away costs seconds: the
 * sweeper wakes the rows.
 */
@Injectable()
export class WorkProducer {
  constructor(
    @InjectProducer(generationQueue) private readonly generation: JobProducer<GenerationJob>,
    @InjectProducer(deliveryQueue) private readonly delivery: JobProducer<DeliveryJob>,
    private readonly logger: Logger,
  ) {}

  async enqueue(
    { tenantId, correlationId }: { readonly tenantId: string; readonly correlationId: string },
    { turn, delivery }: Work,
  ): Promise<void> {
    const envelope = { version: 1, tenantId, correlationId } as const;
    const results = await Promise.allSettled([
      turn && this.generation.enqueue({ ...envelope, turnId: turn.id, wake: turn.wake }),
      delivery &&
        this.delivery.enqueue({ ...envelope, deliveryId: delivery.id, wake: delivery.wake }),
    ]);
    for (const result of results)
      if (result.status === 'rejected')
        this.logger.warn('job left to the sweeper', { error: result.reason });
  }
}
