import type { Worker } from 'bullmq';

import { type GenerationJob, generationQueue, type QueueContract } from '@common/contracts';
import { AppError } from '@common/kernel';
import { RedisKeys } from '@common/redis';
import {
  aGenerationJob,
  anId,
  eventually,
  Gate,
  OwnStores,
  RecordingLogger,
  timed,
} from '@common/testing';

import { BullJobProducer, JobConsumer, QueueFactory, QueueWorkers } from '../src';

const contract: QueueContract<GenerationJob> = {
  ...generationQueue,
  retry: { attempts: 2, backoffMs: 10 },
};
/** Here a dead worker is noticed soon; a living one must not be taken for dead on a machine that stands still. */
const impatient: QueueContract<GenerationJob> = { ...contract, lockMs: 1_000 };

class Consumer extends JobConsumer<GenerationJob> {
  readonly concurrency = 4;
  readonly taken: string[] = [];

  constructor(
    private readonly work: (job: GenerationJob) => Promise<void> = () => Promise.resolve(),
    readonly queue = contract,
  ) {
    super();
  }

  protected handle(job: GenerationJob): Promise<void> {
    this.taken.push(job.turnId);
    return this.work(job);
  }
}

let stores: OwnStores;
let gate: Gate;
const closing: (() => Promise<unknown>)[] = [];
const factories: QueueFactory[] = [];
const factoryAt = (redisUrl: string): QueueFactory => {
  const keys = new RedisKeys(stores.prefix);
  const factory = new QueueFactory({ redis: { url: redisUrl }, keys, onError: () => undefined });
  factories.push(factory);
  return factory;
};

function aProducerAt(url: string) {
  const queue = factoryAt(url).producing(contract.name);
  closing.push(() => queue.close());
  return { queue, producer: new BullJobProducer(contract, queue) };
}
/** A producer is impatient: before its connection is there it fails, as it does without Redis. */
async function aProducer() {
  const made = aProducerAt(stores.redisUrl);
  await eventually(async () => (await made.queue.getWaitingCount()) >= 0);
  return made;
}
function aWorker(consumer: Consumer, url = stores.redisUrl): Worker {
  const worker = factoryAt(url).consuming(consumer);
  closing.push(() => worker.close(true));
  // Ends when the worker is closed.
  worker.run().catch(() => undefined);
  return worker;
}

beforeEach(async () => {
  stores = await OwnStores.open(process.env);
  gate = await Gate.before(stores.redisUrl);
});
afterEach(async () => {
  await gate.open().catch(() => undefined);
  await Promise.all(closing.splice(0).map((close) => close()));
  for (const factory of factories.splice(0)) factory.disconnect();
  await gate.close();
  await stores.close();
});

describe('producing', () => {
  it('P5 fails at once while Redis is away, and works as soon as it comes', async () => {
    const { producer } = aProducerAt(gate.url);
    const { tookMs } = await timed(() =>
      expect(producer.enqueue(aGenerationJob())).rejects.toThrow(),
    );
    expect(tookMs).toBeLessThan(2_500);

    await gate.open();
    await eventually(() => producer.enqueue(aGenerationJob()).then(() => true));
    expect(await (await aProducer()).queue.getWaitingCount()).toBe(1);
  });

  it('P2 makes one job of the same waking, and another of the next', async () => {
    const { producer, queue } = await aProducer();
    for (const wake of [0, 0, 1]) await producer.enqueue(aGenerationJob({ wake }));
    expect((await queue.getWaiting()).map(({ id }) => id).sort()).toEqual([
      `${anId('turn')}-0`,
      `${anId('turn')}-1`,
    ]);
  });

  it('adds nothing that the contract does not know', async () => {
    const { producer, queue } = await aProducer();
    await expect(producer.enqueue(aGenerationJob({ turnId: 'no id' }))).rejects.toThrow();
    expect(await queue.getWaitingCount()).toBe(0);
  });
});

describe('consuming', () => {
  it('forgets a job that is done, so that its name may come again', async () => {
    const consumer = new Consumer();
    aWorker(consumer);
    const { producer, queue } = await aProducer();
    for (let n = 1; n <= 2; n += 1) {
      await producer.enqueue(aGenerationJob());
      await eventually(
        async () => consumer.taken.length === n && !(await queue.getJob(`${anId('turn')}-0`)),
      );
    }
  });

  it('tries again what failed, and gives up after its attempts', async () => {
    const consumer = new Consumer(() => Promise.reject(new Error('bug')));
    aWorker(consumer);
    const { producer, queue } = await aProducer();
    await producer.enqueue(aGenerationJob());
    await eventually(async () => (await queue.getFailedCount()) === 1);
    expect(consumer.taken).toHaveLength(2);
  });

  it('waits as long as an error asks, without using an attempt', async () => {
    class Later extends AppError {
      readonly code = 'later';
      readonly retry = { afterMs: 20 };
    }
    let left = 4;
    const consumer = new Consumer(() =>
      left-- > 0 ? Promise.reject(new Later('later')) : Promise.resolve(),
    );
    aWorker(consumer);
    const { producer, queue } = await aProducer();
    await producer.enqueue(aGenerationJob());
    await eventually(() => consumer.taken.length === 5);
    expect(await queue.getFailedCount()).toBe(0);
  });

  it('P4 gives the job of a worker that lost its connection to another', async () => {
    await gate.open();
    const stuck = new Consumer(() => new Promise(() => undefined), impatient);
    aWorker(stuck, gate.url);
    await (await aProducer()).producer.enqueue(aGenerationJob());
    await eventually(() => stuck.taken.length === 1);

    await gate.close();
    const heir = new Consumer(undefined, impatient);
    aWorker(heir);

    await eventually(() => heir.taken.length === 1);
    expect(heir.taken).toEqual([anId('turn')]);
  });

  it('goes on after Redis was away', async () => {
    await gate.open();
    const consumer = new Consumer();
    aWorker(consumer, gate.url);
    const { producer } = await aProducer();
    await producer.enqueue(aGenerationJob({ wake: 0 }));
    await eventually(() => consumer.taken.length === 1);

    await gate.close();
    await producer.enqueue(aGenerationJob({ wake: 1 }));
    await gate.open();

    await eventually(() => consumer.taken.length === 2);
  });
});

describe('QueueWorkers', () => {
  it('lets the jobs in hand finish when it closes, and leaves the others to the queue', async () => {
    let finish: () => void = () => undefined;
    const finishing = new Promise<void>((resolve) => (finish = resolve));
    let finished = 0;
    const consumer = new Consumer(async () => {
      await finishing;
      finished += 1;
    });
    const workers = new QueueWorkers(factoryAt(stores.redisUrl), [consumer], new RecordingLogger());
    workers.start();
    const { producer, queue } = await aProducer();
    await producer.enqueue(aGenerationJob({ wake: 0 }));
    await eventually(() => consumer.taken.length === 1);

    await workers.pause();
    const closed = workers.close(5_000);
    for (let wake = 1; wake <= 5; wake += 1) await producer.enqueue(aGenerationJob({ wake }));
    finish();
    await closed;

    // The fetch that was under way when the worker was paused may still bring one.
    expect(finished).toBeLessThanOrEqual(2);
    expect(finished).toBe(consumer.taken.length);
    expect(finished + (await queue.getWaitingCount())).toBe(6);
  });

  it('late: lets go at the deadline, whatever is in hand', async () => {
    let finish: () => void = () => undefined;
    const consumer = new Consumer(() => new Promise((resolve) => (finish = resolve)));
    const workers = new QueueWorkers(factoryAt(stores.redisUrl), [consumer], new RecordingLogger());
    workers.start();
    await (await aProducer()).producer.enqueue(aGenerationJob());
    await eventually(() => consumer.taken.length === 1);

    const { tookMs } = await timed(() => workers.close(200));

    expect(tookMs).toBeLessThan(2_000);
    // What ends the process in earnest; here the worker is let go of properly.
    finish();
    await workers.close(5_000);
  });
});
