import { Injectable } from '@nestjs/common';

import type { InboundJob } from '@common/contracts';
import { WorkProducer } from '@common/queue';

import { EventEffect } from './event-effect.service';
import { ThreadLane } from './thread-lane.service';

/**
 * Brings one thread up to date: its unprocessed events become turns or replies, in order.
 *
 * Running it twice does no harm: each event and its effect share one transaction, so a second run finds nothing left to
 * do. A job that overtook another changes nothing either: order comes from the gateway's stamp, not from the queue.
 */
@Injectable()
export class DispatchPipeline {
  constructor(
    private readonly lane: ThreadLane,
    private readonly effect: EventEffect,
    private readonly work: WorkProducer,
  ) {}

  async run({ tenantId, eventId, correlationId }: InboundJob): Promise<void> {
    await this.lane.drain(
      tenantId,
      eventId,
      (event, tx) => this.effect.apply(event, tx),
      // After commit. If we die here, the sweeper wakes the rows.
      (work) => this.work.enqueue({ tenantId, correlationId }, work),
    );
  }
}
