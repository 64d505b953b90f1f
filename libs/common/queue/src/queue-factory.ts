import { Queue, type QueueOptions, Worker } from 'bullmq';

import type { Envelope, QueueContract } from '@common/contracts';
import {
  connectRedis,
  type RedisConnectionOptions,
  type RedisKeys,
  type RedisPlace,
} from '@common/redis';

import type { JobConsumer } from './job-consumer';

export interface QueueFactoryOptions {
  readonly redis: RedisPlace;
  readonly keys: RedisKeys;
  readonly onError: (queue: string, error: Error) => void;
}

/** Makes queues and workers with the settings that were measured to be safe (AOF Redis, `noeviction`). */
export class QueueFactory {
  private readonly connections: ReturnType<typeof connectRedis>[] = [];

  constructor(private readonly options: QueueFactoryOptions) {}

  /** The producing side fails at once while Redis is away: the row and the sweeper remain. */
  producing(name: string): Queue {
    const { keys, onError } = this.options;
    const options: QueueOptions = {
      connection: this.connect(name, `${name}-producer`, 'impatient'),
      prefix: keys.queuePrefix,
      streams: { events: { maxLen: 50 } },
      skipWaitingForReady: true,
      // The check is a command at construction: without Redis it would leave a queue that fails for ever.
      skipVersionCheck: true,
    };
    const queue = new Queue(name, options);
    queue.on('error', (error) => onError(name, error));
    return queue;
  }

  /** A worker that does not run yet. */
  consuming<T extends Envelope>(consumer: JobConsumer<T>): Worker {
    const { keys, onError } = this.options;
    const contract: QueueContract<T> = consumer.queue;
    const worker = new Worker(contract.name, (job, token) => consumer.consume(job, token), {
      autorun: false,
      concurrency: consumer.concurrency,
      connection: this.connect(contract.name, `${contract.name}-worker`, 'patient'),
      prefix: keys.queuePrefix,
      lockDuration: contract.lockMs,
      stalledInterval: Math.round(contract.lockMs / 2),
      maxStalledCount: 10,
    });
    worker.on('error', (error) => onError(contract.name, error));
    return worker;
  }

  /** Ends the connections that were made here: BullMQ leaves those it was given open. Close the workers first. */
  disconnect(): void {
    for (const redis of this.connections.splice(0)) redis.disconnect();
  }

  private connect(queue: string, name: string, mood: RedisConnectionOptions['mood']) {
    const { redis: place, onError } = this.options;
    const redis = connectRedis({ ...place, name, mood, onError: (error) => onError(queue, error) });
    this.connections.push(redis);
    return redis;
  }
}
