import { DelayedError, type Job, UnrecoverableError } from 'bullmq';

import type { Envelope, QueueContract } from '@common/contracts';
import { AppError, correlation } from '@common/kernel';

/** The shell every worker shares: check the payload, carry the correlation id, translate errors. Decides nothing. */
export abstract class JobConsumer<T extends Envelope = Envelope> {
  abstract readonly queue: QueueContract<T>;
  /** How many jobs of this process run at the same time. */
  abstract readonly concurrency: number;
  protected abstract handle(payload: T): Promise<void>;

  async consume(job: Job, token?: string): Promise<void> {
    const payload = this.queue.payload.safeParse(job.data);
    if (!payload.success)
      throw new UnrecoverableError(`malformed ${this.queue.name} job: ${payload.error.message}`);

    const { correlationId } = payload.data;
    try {
      await correlation.run({ correlationId, jobId: job.id }, () => this.handle(payload.data));
    } catch (error) {
      if (!(error instanceof AppError) || error.retry === 'backoff') throw error;
      if (error.retry === 'never') throw new UnrecoverableError(`${error.code}: ${error.message}`);
      await job.moveToDelayed(Date.now() + error.retry.afterMs, token);
      throw new DelayedError();
    }
  }
}
