import { Injectable } from '@nestjs/common';

import { type DeliveryJob, deliveryQueue, type JobProducer } from '@common/contracts';
import { AppError, Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { type Work, whileAway } from '@common/persistence';
import { InjectProducer, WorkProducer } from '@common/queue';

import type { ClaimedDelivery } from './claimed-delivery';
import { DeliveryRepository } from './delivery.repository';

/** Jobs that follow a committed change. A queue that is away costs seconds: the sweeper wakes the rows. */
@Injectable()
export class Handover {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly work: WorkProducer,
    @InjectProducer(deliveryQueue) private readonly delivery: JobProducer<DeliveryJob>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** The thread's next turn was activated: whoever answers and whoever shows it may begin. */
  wakeNext(job: DeliveryJob, next: Work): Promise<void> {
    return this.work.enqueue(job, next);
  }

  /** A living owner without a job would hold the delivery for ever: it goes back, and queue or sweeper begin again. */
  async letGo(delivery: ClaimedDelivery, error: unknown): Promise<never> {
    const restMs =
      error instanceof AppError && typeof error.retry === 'object' ? error.retry.afterMs : 0;
    await whileAway(this.clock, new AbortController().signal, () =>
      this.deliveries.release(delivery, restMs),
    );
    throw error;
  }

  /** This process stops: another sender goes on with it at once. */
  async giveBack(delivery: ClaimedDelivery, job: DeliveryJob): Promise<void> {
    const wake = await this.deliveries.release(delivery);
    if (wake !== null) await this.delivery.enqueue({ ...job, wake });
    this.logger.info('delivery given back', { deliveryId: delivery.id, attempt: delivery.attempt });
  }
}
