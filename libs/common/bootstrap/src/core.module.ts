import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import type Redis from 'ioredis';

import { Announcer } from '@common/contracts';
import { Clock, SecretBox, SystemClock } from '@common/kernel';
import { Logger } from '@common/logging';
import { Egress, OutboundGuard } from '@common/outbound';
import { createDataSource, Database } from '@common/persistence';
import { QueueFactory } from '@common/queue';
import { connectRedis, RedisAnnouncer, RedisKeys, redisPlaceOf, ReplyStream } from '@common/redis';

import { CoreConfig } from './core.config';
import { HealthController } from './health.controller';
import { Incarnation } from './incarnation';
import { Metrics } from './metrics';
import { Readiness } from './readiness';
import { SealingKey } from './sealing-key';

/** The shared connection for short commands; fails at once while Redis is away. */
export const SHARED_REDIS = Symbol('shared redis');

export interface CoreOptions {
  readonly service: string;
  readonly config: CoreConfig;
  readonly logger: Logger;
}

const stores: Provider[] = [
  {
    provide: Database,
    inject: [CoreConfig, Metrics],
    useFactory: (config: CoreConfig) =>
      new Database(
        createDataSource({
          url: config.DATABASE_URL.reveal(),
          poolSize: config.DATABASE_POOL_SIZE,
          applicationName: 'carillon',
        }),
        { prepares: config.DATABASE_PREPARE === 'on' },
      ),
  },
  {
    provide: RedisKeys,
    inject: [CoreConfig],
    useFactory: (config: CoreConfig) => new RedisKeys(config.REDIS_PREFIX),
  },
  {
    provide: SHARED_REDIS,
    inject: [CoreConfig, Logger],
    useFactory: (config: CoreConfig, logger: Logger) =>
      connectRedis({
        ...redisPlaceOf(config),
        name: 'shared',
        mood: 'impatient',
        onError: (error) => logger.debug('redis connection failed', { error }),
      }),
  },
  {
    provide: SecretBox,
    inject: [CoreConfig],
    useFactory: (config: CoreConfig) => cautious(SecretBox.parse(config.MASTER_KEYS.reveal())),
  },
];

const services: Provider[] = [
  Readiness,
  { provide: Clock, useClass: SystemClock },
  {
    provide: OutboundGuard,
    inject: [CoreConfig],
    useFactory: (config: CoreConfig) =>
      new OutboundGuard({
        allowedHosts: [
          config.DINGTALK_API_URL,
          config.DINGTALK_OAPI_URL,
          config.DINGTALK_LOGIN_URL,
          ...(config.OPENAI_BASE_URL === undefined ? [] : [config.OPENAI_BASE_URL]),
        ],
        allow: config.OUTBOUND_ALLOW.split(','),
      }),
  },
  {
    provide: Egress,
    inject: [CoreConfig],
    useFactory: ({ HTTPS_PROXY, NO_PROXY }: CoreConfig) =>
      new Egress({ proxyUrl: HTTPS_PROXY?.reveal(), noProxy: NO_PROXY }),
  },
  {
    provide: ReplyStream,
    inject: [SHARED_REDIS, RedisKeys],
    useFactory: (redis: Redis, keys: RedisKeys) => new ReplyStream(redis, keys),
  },
  {
    provide: Announcer,
    inject: [SHARED_REDIS, RedisKeys, Logger],
    useFactory: (redis: Redis, keys: RedisKeys, logger: Logger) =>
      new RedisAnnouncer(redis, keys, (error) => logger.debug('announcement not said', { error })),
  },
  {
    provide: QueueFactory,
    inject: [CoreConfig, RedisKeys, Logger],
    useFactory: (config: CoreConfig, keys: RedisKeys, logger: Logger) =>
      new QueueFactory({
        redis: redisPlaceOf(config),
        keys,
        onError: (queue, error) => logger.debug('queue connection failed', { queue, error }),
      }),
  },
];

/** Until it was seen what others can open, the oldest key seals: during a roll-out of a new first one, all have it. */
function cautious(box: SecretBox): SecretBox {
  box.sealWith(box.keyIds.at(-1) ?? box.primaryKeyId);
  return box;
}

/** What every service stands on; `runService` puts it under the app's own module. */
@Global()
@Module({})
export class CoreModule {
  static forRoot({ service, config, logger }: CoreOptions): DynamicModule {
    const own: Provider[] = [
      { provide: CoreConfig, useValue: config },
      { provide: Logger, useValue: logger },
      { provide: Metrics, useValue: new Metrics(service) },
      {
        provide: Incarnation,
        inject: [Database, Clock, Logger, SecretBox],
        useFactory: (database: Database, clock: Clock, log: Logger, box: SecretBox) =>
          new Incarnation(service, database, clock, log, new SealingKey(box, database, clock, log)),
      },
    ];
    const providers = [...own, ...stores, ...services];
    const exported = providers.map((provider) =>
      'provide' in provider ? provider.provide : provider,
    );
    return { module: CoreModule, controllers: [HealthController], providers, exports: exported };
  }
}
