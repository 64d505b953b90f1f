import { DelayedError, UnrecoverableError } from 'bullmq';

import { generationQueue, type GenerationJob } from '@common/contracts';
import { AppError, correlation, newId, type Retry } from '@common/kernel';

import { JobConsumer } from './job-consumer';
import { QueueWorkers } from './queue-workers';

class Refused extends AppError {
  readonly code = 'refused';
  constructor(readonly retry: Retry) {
    super('no');
  }
}

class Consumer extends JobConsumer<GenerationJob> {
  readonly queue = generationQueue;
  readonly concurrency = 1;
  constructor(private readonly work: () => Promise<void> = () => Promise.resolve()) {
    super();
  }
  protected handle(): Promise<void> {
    return this.work();
  }
}

const aJob = (
  data: unknown = { version: 1, tenantId: newId(), correlationId: 'zz', turnId: newId(), wake: 0 },
) => ({
  id: 'j-1',
  data,
  moveToDelayed: jest.fn().mockResolvedValue(undefined),
});

describe('JobConsumer', () => {
  it('gives up on a malformed payload', async () => {
    await expect(new Consumer().consume(aJob({}) as never)).rejects.toThrow(UnrecoverableError);
  });

  it('gives up on an error that says never', async () => {
    const consumer = new Consumer(() => Promise.reject(new Refused('never')));
    await expect(consumer.consume(aJob() as never)).rejects.toThrow(UnrecoverableError);
  });

  it('lets an error that says backoff use an attempt', async () => {
    const consumer = new Consumer(() => Promise.reject(new Refused('backoff')));
    await expect(consumer.consume(aJob() as never)).rejects.toThrow(Refused);
  });

  it('waits as long as an error asks, without using an attempt', async () => {
    const job = aJob();
    const consumer = new Consumer(() => Promise.reject(new Refused({ afterMs: 50 })));
    await expect(consumer.consume(job as never, 't')).rejects.toThrow(DelayedError);
    expect(job.moveToDelayed).toHaveBeenCalledWith(expect.any(Number), 't');
  });

  it('carries the correlation id', async () => {
    let seen: string | undefined;
    const consumer = new Consumer(() => {
      seen = correlation.getStore()?.correlationId;
      return Promise.resolve();
    });
    await consumer.consume(aJob() as never);
    expect(seen).toBe('zz');
  });
});

describe('QueueWorkers.check', () => {
  it('refuses an app whose queue nobody reads, and one that reads a queue of another', () => {
    expect(() => QueueWorkers.check('generator', [new Consumer()])).not.toThrow();
    expect(() => QueueWorkers.check('generator', [])).toThrow(/generation/);
    expect(() => QueueWorkers.check('sender', [new Consumer()])).toThrow(/delivery/);
  });
});
