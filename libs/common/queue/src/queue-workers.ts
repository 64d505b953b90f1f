import type { Job, Worker } from 'bullmq';

import { queueCatalog } from '@common/contracts';
import type { Logger } from '@common/logging';

import type { JobConsumer } from './job-consumer';
import type { QueueFactory } from './queue-factory';

/** One job that ended, for metrics: waiting and working time in seconds. */
export type JobObserver = (
  queue: string,
  result: 'completed' | 'failed',
  times: { readonly waitSeconds: number; readonly workSeconds: number },
) => void;

/** The workers of one process: started when the stores are usable, stopped to a deadline. */
export class QueueWorkers {
  private readonly workers: Worker[] = [];

  constructor(
    private readonly factory: QueueFactory,
    private readonly consumers: readonly JobConsumer[],
    private readonly logger: Logger,
    private readonly observe: JobObserver = () => undefined,
  ) {}

  /** @throws when a queue of this app has no consumer, or a consumer reads a queue of another app. */
  static check(
    app: string,
    consumers: readonly { readonly queue: { readonly name: string } }[],
  ): void {
    const owned = queueCatalog
      .filter(({ reader }) => reader === app)
      .map(({ name }) => name as string);
    const hung = consumers.map(({ queue }) => queue.name);
    const same = owned.length === hung.length && owned.every((name) => hung.includes(name));
    if (!same)
      throw new Error(`${app} reads [${hung.join()}] but the catalogue gives it [${owned.join()}]`);
  }

  start(): void {
    for (const consumer of this.consumers) {
      const worker = this.factory.consuming(consumer);
      const queue = consumer.queue.name;
      worker.on('completed', (job) => this.observe(queue, 'completed', timesOf(job)));
      worker.on('failed', (job, error) => {
        if (job) this.observe(queue, 'failed', timesOf(job));
        this.logger.warn('job failed', {
          queue,
          jobId: job?.id,
          attempt: job?.attemptsMade,
          error,
        });
      });
      // run() resolves when the worker is closed; its failures arrive as 'error' events too.
      worker.run().catch((error: unknown) => this.logger.error('worker stopped', { queue, error }));
      this.workers.push(worker);
    }
  }

  /** Asks for no more jobs; one per worker that was being fetched may still come, and is worked on. */
  async pause(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.pause(true)));
  }

  /** Waits for the jobs in hand, at most `deadlineMs`; then lets go (the rows' leases give the work to others). */
  async close(deadlineMs: number): Promise<void> {
    const gentle = Promise.all(this.workers.map((worker) => worker.close()));
    const expired = Symbol('expired');
    const timer = new Promise<symbol>((resolve) =>
      setTimeout(() => resolve(expired), deadlineMs).unref(),
    );
    if ((await Promise.race([gentle, timer])) === expired)
      await Promise.race([
        Promise.all(this.workers.map((worker) => worker.close(true))),
        new Promise((resolve) => setTimeout(resolve, 1_000).unref()),
      ]);
  }
}

function timesOf({ timestamp, processedOn, finishedOn }: Job) {
  const begunAt = processedOn ?? timestamp;
  return {
    waitSeconds: Math.max(0, begunAt - timestamp) / 1_000,
    workSeconds: Math.max(0, (finishedOn ?? Date.now()) - begunAt) / 1_000,
  };
}
