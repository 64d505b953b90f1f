import { Injectable } from '@nestjs/common';

import { type FileJob, filesQueue } from '@common/contracts';
import { JobConsumer } from '@common/queue';

import { DispatcherConfig } from '../dispatcher.config';
import { FilePipeline } from './file.pipeline';

/** Hangs the file pipeline on the files queue. Nothing is decided here. */
@Injectable()
export class FileConsumer extends JobConsumer<FileJob> {
  readonly queue = filesQueue;
  readonly concurrency: number;

  constructor(
    config: DispatcherConfig,
    private readonly pipeline: FilePipeline,
  ) {
    super();
    this.concurrency = config.FILES_CONCURRENCY;
  }

  protected handle(job: FileJob): Promise<void> {
    return this.pipeline.run(job);
  }
}
