import type { Envelope, JobProducer, QueueContract } from '@common/contracts';

/** A queue that remembers; `isAway` makes it fail as a queue without Redis does. Jobs are checked by their contract. */
export class RecordingProducer<T extends Envelope> implements JobProducer<T> {
  readonly jobs: T[] = [];
  isAway = false;

  constructor(private readonly contract: QueueContract<T>) {}

  /** As BullMQ names them: equal ids are one job. */
  get jobIds(): string[] {
    return [...new Set(this.jobs.map((job) => this.contract.jobId(job)))];
  }

  enqueue(payload: T): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('the queue is away'));
    this.jobs.push(this.contract.payload.parse(payload));
    return Promise.resolve();
  }
}
