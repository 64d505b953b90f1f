import { Injectable } from '@nestjs/common';

import { Metrics, ServiceLife } from '@common/bootstrap';
import { DingTalkClient } from '@common/dingtalk';
import { ObjectStore } from '@common/files';
import { Logger } from '@common/logging';
import { QueueFactory, QueueWorkers } from '@common/queue';

import { DocumentReader } from './documents/document-reader.service';
import { FileConsumer } from './files/file.consumer';
import { InboundConsumer } from './inbound/inbound.consumer';
import { MapperHook } from './mapping/mapper-hook.client';
import { Sweeper } from './sweeper/sweeper.service';

/** Starts the workers and the sweeper; ends them in the opposite order. */
@Injectable()
export class DispatcherLife extends ServiceLife {
  private readonly workers: QueueWorkers;

  constructor(
    inbound: InboundConsumer,
    files: FileConsumer,
    factory: QueueFactory,
    private readonly sweeper: Sweeper,
    private readonly mapperHook: MapperHook,
    private readonly platform: DingTalkClient,
    private readonly documents: DocumentReader,
    private readonly store: ObjectStore,
    logger: Logger,
    metrics: Metrics,
  ) {
    super();
    QueueWorkers.check('dispatcher', [inbound, files]);
    this.workers = new QueueWorkers(factory, [inbound, files], logger, metrics.jobObserver());
  }

  start(): Promise<void> {
    this.workers.start();
    this.sweeper.start();
    return Promise.resolve();
  }

  async stopIntake(): Promise<void> {
    await this.sweeper.stop();
  }

  async finish(deadlineMs: number): Promise<void> {
    await this.workers.close(deadlineMs);
    await Promise.all([
      ...[this.mapperHook.close(), this.platform.close(), this.documents.close()],
      this.store.close(),
    ]);
  }
}
