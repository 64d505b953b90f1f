import { Injectable } from '@nestjs/common';

import { type InboundJob, inboundQueue } from '@common/contracts';
import { JobConsumer } from '@common/queue';

import { DispatcherConfig } from '../dispatcher.config';
import { DispatchPipeline } from './dispatch.pipeline';

/** Hangs the dispatch pipeline on the inbound queue. Nothing is decided here. */
@Injectable()
export class InboundConsumer extends JobConsumer<InboundJob> {
  readonly queue = inboundQueue;
  readonly concurrency: number;

  constructor(
    config: DispatcherConfig,
    private readonly pipeline: DispatchPipeline,
  ) {
    super();
    this.concurrency = config.DISPATCHER_CONCURRENCY;
  }

  protected handle(job: InboundJob): Promise<void> {
    return this.pipeline.run(job);
  }
}
