import { Global, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type Redis from 'ioredis';

import { CoreConfig, Incarnation, Metrics, SHARED_REDIS } from '@common/bootstrap';
import {
  Announcer,
  deliveryQueue,
  type Envelope,
  filesQueue,
  generationQueue,
  inboundQueue,
  outboundQueue,
  type QueueContract,
} from '@common/contracts';
import { ObjectStore } from '@common/files';
import { Clock, newId, SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';
import { Egress, OutboundGuard } from '@common/outbound';
import { createDataSource, Database } from '@common/persistence';
import { producerOf, QueueFactory } from '@common/queue';
import { RedisKeys } from '@common/redis';
import {
  anInboundJob,
  FakeAnnouncer,
  HastyClock,
  type OwnStores,
  RecordingLogger,
  RecordingProducer,
  standIn,
} from '@common/testing';

import { DispatcherConfig } from '../src/dispatcher.config';
import { DispatcherModule } from '../src/dispatcher.module';
import { DispatchPipeline } from '../src/inbound/dispatch.pipeline';
import { MemoryObjectStore } from './memory-object-store.fixture';

/** The first tenant's id, as migrations make it. */
const TENANT = '00000000-0000-4000-8000-000000000001';

/** Seals what specs put into rows. */
export const specSecrets = SecretBox.parse(`k1:${Buffer.alloc(32, 7).toString('base64')}`);

const CONFIG: Partial<DispatcherConfig> = {
  DISPATCHER_CONCURRENCY: 12,
  SWEEP_INTERVAL_MS: 2_000,
  FILES_CONCURRENCY: 4,
  FILES_MAX_BYTES: 1_000,
  FILES_TIMEOUT_MS: 10_000,
  FILES_HOSTS: [],
};

interface Outside {
  /** Stands in for both hosts of the platform; unset: nobody answers there. */
  readonly platformUrl?: string;
  readonly redis?: Redis;
}

/** One dispatcher process as it is wired, on the spec's stores: its own pool, queues and announcer that remember. */
export class SpecDispatcher {
  readonly generation = new RecordingProducer(generationQueue);
  readonly delivery = new RecordingProducer(deliveryQueue);
  readonly inbound = new RecordingProducer(inboundQueue);
  readonly files = new RecordingProducer(filesQueue);
  readonly outbound = new RecordingProducer(outboundQueue);
  readonly announcer = new FakeAnnouncer();
  readonly logger = new RecordingLogger();
  readonly database: Database;
  readonly store = new MemoryObjectStore();
  /** As an owner of rows. */
  readonly incarnationId = newId();
  private module: TestingModule | undefined;

  private constructor(
    stores: OwnStores,
    private readonly outside: Outside,
  ) {
    const url = stores.databaseUrl;
    this.database = new Database(createDataSource({ url, poolSize: 6, applicationName: 'spec' }));
  }

  static async on(stores: OwnStores, outside: Outside = {}): Promise<SpecDispatcher> {
    const dispatcher = new SpecDispatcher(stores, outside);
    dispatcher.module = await dispatcher.wired();
    return dispatcher;
  }

  run(eventId: string): Promise<void> {
    return this.part(DispatchPipeline).run(anInboundJob({ tenantId: TENANT, eventId }));
  }

  part<T>(type: abstract new (...args: never[]) => T): T {
    if (!this.module) throw new Error('not wired yet');
    return this.module.get<T>(type, { strict: false });
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private wired(): Promise<TestingModule> {
    const { platformUrl = 'http://127.0.0.1:9' } = this.outside;
    const known: [unknown, unknown][] = [
      [CoreConfig, { DINGTALK_API_URL: platformUrl, DINGTALK_OAPI_URL: platformUrl }],
      [Egress, new Egress()],
      [OutboundGuard, new OutboundGuard({ allowedHosts: [platformUrl] })],
      [SecretBox, specSecrets],
      [Announcer, this.announcer],
      [Clock, new HastyClock()],
      [Database, this.database],
      [
        DispatcherConfig,
        { ...CONFIG, DINGTALK_API_URL: platformUrl, DINGTALK_OAPI_URL: platformUrl },
      ],
      [Incarnation, standIn<Incarnation>({ id: this.incarnationId, mayTakeOver: () => true })],
      [RedisKeys, new RedisKeys('spec')],
      [Logger, this.logger],
      [Metrics, new Metrics('spec')],
      [QueueFactory, standIn<QueueFactory>({})],
      [SHARED_REDIS, this.outside.redis ?? { status: 'end' }],
    ];
    const providers = known.map(([provide, useValue]) => ({
      provide: provide as symbol,
      useValue,
    }));
    @Global()
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class SpecCore {}

    return Test.createTestingModule({ imports: [SpecCore, DispatcherModule] })
      .overrideProvider(tokenOf(generationQueue))
      .useValue(this.generation)
      .overrideProvider(tokenOf(deliveryQueue))
      .useValue(this.delivery)
      .overrideProvider(tokenOf(filesQueue))
      .useValue(this.files)
      .overrideProvider(ObjectStore)
      .useValue(this.store)
      .overrideProvider(tokenOf(inboundQueue))
      .useValue(this.inbound)
      .overrideProvider(tokenOf(outboundQueue))
      .useValue(this.outbound)
      .compile();
  }
}

const tokenOf = <T extends Envelope>(queue: QueueContract<T>) => producerOf(queue).provide;
