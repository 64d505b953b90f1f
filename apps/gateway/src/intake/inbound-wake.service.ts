import { Injectable } from '@nestjs/common';

import { type InboundJob, inboundQueue, type JobProducer } from '@common/contracts';
import { Clock, Deadlines } from '@common/kernel';
import { Logger } from '@common/logging';
import { InjectProducer } from '@common/queue';

import type { ChannelEntry, Journaled } from './journal.repository';

/** How long an acknowledgement waits for the queue: the row is enough, and cards want their ack within 2 s. */
const ENQUEUE_MS = 500;

/** Tells a dispatcher that a row waits for it. */
@Injectable()
export class InboundWake {
  private readonly patience: Deadlines;

  constructor(
    @InjectProducer(inboundQueue) private readonly inbound: JobProducer<InboundJob>,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    this.patience = new Deadlines(clock, ENQUEUE_MS);
  }

  /** Never rejects, and takes half a second at most: when the queue is away, the sweeper wakes the row. */
  async wake({ tenantId, channelId, entry }: ChannelEntry, row: Journaled): Promise<void> {
    if (!row.isPending || !entry.isWork) return;
    const { id, wake } = row;
    const job = { version: 1 as const, tenantId, correlationId: id, eventId: id, wake };
    const adding = this.inbound.enqueue(job).catch((error: unknown) => {
      this.logger.warn('job left to the sweeper', { eventId: id, channelId, error });
    });
    await this.patience.within(adding);
  }
}
