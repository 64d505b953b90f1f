import { Injectable } from '@nestjs/common';

import { type OutboundJob, outboundQueue } from '@common/contracts';
import { JobConsumer } from '@common/queue';

import { NoticePipeline } from './notice.pipeline';

/** Notices that one sender sends at the same time; each has a few calls under way. */
const CONCURRENCY = 50;

/** Hangs the notice pipeline on its queue. Nothing is decided here. */
@Injectable()
export class OutboundConsumer extends JobConsumer<OutboundJob> {
  readonly queue = outboundQueue;
  readonly concurrency = CONCURRENCY;

  constructor(private readonly pipeline: NoticePipeline) {
    super();
  }

  protected handle(job: OutboundJob): Promise<void> {
    return this.pipeline.run(job);
  }
}
