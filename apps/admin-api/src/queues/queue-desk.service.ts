import { Injectable } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';

import {
  deliveryQueue,
  generationQueue,
  inboundQueue,
  outboundQueue,
  queueCatalog,
} from '@common/contracts';
import { BullJobProducer, QueueFactory } from '@common/queue';

import { NotFoundError } from '../http/api.errors';
import type { QueueView } from './queues.dto';

const MAX_FAILED = 1_000;

/** The queues of the installation, from outside: looked at, paused, driven again. Nothing is consumed here. */
@Injectable()
export class QueueDesk {
  readonly inbound;
  readonly generation;
  readonly delivery;
  readonly outbound;
  private readonly queues: ReadonlyMap<string, Queue>;

  constructor(factory: QueueFactory) {
    this.queues = new Map(queueCatalog.map(({ name }) => [name, factory.producing(name)]));
    this.inbound = new BullJobProducer(inboundQueue, this.named(inboundQueue.name));
    this.generation = new BullJobProducer(generationQueue, this.named(generationQueue.name));
    this.delivery = new BullJobProducer(deliveryQueue, this.named(deliveryQueue.name));
    this.outbound = new BullJobProducer(outboundQueue, this.named(outboundQueue.name));
  }

  get names(): string[] {
    return [...this.queues.keys()];
  }

  async look(name: string): Promise<QueueView> {
    const queue = this.named(name);
    const [counts, paused] = await Promise.all([queue.getJobCounts(), queue.isPaused()]);
    const of = (state: string): number => counts[state] ?? 0;
    return {
      name,
      paused,
      counts: {
        waiting: of('waiting'),
        active: of('active'),
        delayed: of('delayed'),
        failed: of('failed'),
        paused: of('paused'),
        prioritized: of('prioritized'),
        completed: of('completed'),
      },
    };
  }

  /** Newest first. BullMQ keeps the last thousand. */
  async failed(name: string): Promise<Job[]> {
    const jobs = await this.named(name).getFailed(0, MAX_FAILED - 1);
    // A job may be removed between the listing and the reading.
    return jobs.filter((job) => job as Job | undefined);
  }

  async pause(name: string): Promise<void> {
    await this.named(name).pause();
  }

  async resume(name: string): Promise<void> {
    await this.named(name).resume();
  }

  async close(): Promise<void> {
    // BullMQ leaves a connection open that was made for it elsewhere. Side by side: one that waits holds up no other.
    const closing = [...this.queues.values()].flatMap((queue) => [
      queue.close(),
      queue.disconnect(),
    ]);
    await Promise.allSettled(closing);
  }

  private named(name: string): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw new NotFoundError('queue');
    return queue;
  }
}
