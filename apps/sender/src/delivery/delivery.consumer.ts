import { Injectable } from '@nestjs/common';

import { type DeliveryJob, deliveryQueue } from '@common/contracts';
import { JobConsumer } from '@common/queue';

import { SenderConfig } from '../sender.config';
import { DeliveryPipeline } from './delivery.pipeline';

/** Hangs the delivery pipeline on its queue. Nothing is decided here. */
@Injectable()
export class DeliveryConsumer extends JobConsumer<DeliveryJob> {
  readonly queue = deliveryQueue;
  readonly concurrency: number;

  constructor(
    config: SenderConfig,
    private readonly pipeline: DeliveryPipeline,
  ) {
    super();
    this.concurrency = config.SENDER_CONCURRENCY;
  }

  protected handle(job: DeliveryJob): Promise<void> {
    return this.pipeline.run(job);
  }
}
