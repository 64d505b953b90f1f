import type { Queue } from 'bullmq';

import type { Envelope, JobProducer, QueueContract } from '@common/contracts';

/** Adds jobs to a BullMQ queue; the contract names, checks and limits them. */
export class BullJobProducer<T extends Envelope> implements JobProducer<T> {
  constructor(
    private readonly contract: QueueContract<T>,
    private readonly queue: Queue,
  ) {}

  async enqueue(payload: T): Promise<void> {
    const data = this.contract.payload.parse(payload);
    await this.queue.add(this.contract.name, data, {
      jobId: this.contract.jobId(data),
      attempts: this.contract.retry.attempts,
      backoff: { type: 'exponential', delay: this.contract.retry.backoffMs },
      // Postgres deduplicates. A job that BullMQ still knows, finished or not, would make `add` a silent no-op.
      removeOnComplete: true,
      removeOnFail: { age: 7 * 86_400, count: 1_000 },
    });
  }
}
