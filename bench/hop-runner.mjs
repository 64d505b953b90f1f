// One process that is all ends of the queues at once: a question is an `inbound` job, whose worker adds a `generation` and a
// `delivery` job. With our producers and consumers, or with BullMQ as it comes. Arguments: ours|bare, URL of Redis.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { closedLoop, openLoop, poisson, seeded } from './arrivals.mjs';

const built = createRequire(join(import.meta.dirname, '..', 'dist', 'bench.js'));
const { inboundQueue, generationQueue, deliveryQueue } = built('@common/contracts');
/** As many jobs at a time as the services take. */
const CONCURRENCY = { inbound: 16, generation: 400, delivery: 500 };
const contracts = [inboundQueue, generationQueue, deliveryQueue];
const tenantId = randomUUID();
const questions = new Map();
const hops = [];

function ours(url) {
  const { BullJobProducer, JobConsumer, QueueFactory, QueueWorkers } = built('@common/queue');
  const { RedisKeys } = built('@common/redis');
  const onError = (queue, error) => console.error(queue, error);
  const factory = new QueueFactory({ redis: { url }, keys: new RedisKeys('hops'), onError });
  const producers = contracts.map((one) => [
    one.name,
    new BullJobProducer(one, factory.producing(one.name)),
  ]);
  const consumers = contracts.map((one) => {
    class Consumer extends JobConsumer {
      queue = one;
      concurrency = CONCURRENCY[one.name];
      handle = (payload) => arrived(one.name, payload);
    }
    return new Consumer();
  });
  new QueueWorkers(factory, consumers, { warn: console.error, error: console.error }).start();
  const of = Object.fromEntries(producers);
  return (name, payload) => of[name].enqueue(payload);
}

function bare(url) {
  const { hostname: host, port, password } = new URL(url);
  const connection = { host, port: Number(port), password };
  const options = { removeOnComplete: true };
  const queues = Object.fromEntries(
    contracts.map(({ name }) => [name, new Queue(name, { connection })]),
  );
  for (const { name } of contracts)
    new Worker(name, ({ data }) => arrived(name, data), {
      connection: { ...connection, maxRetriesPerRequest: null },
      concurrency: CONCURRENCY[name],
    });
  return (name, payload) => queues[name].add(name, payload, options);
}

const [kind, url] = process.argv.slice(2);
const enqueue = { ours, bare }[kind](url);

async function add(name, id, payload) {
  const question = questions.get(id);
  question[name] = performance.now();
  await enqueue(name, { version: 1, tenantId, correlationId: id, wake: 0, ...payload });
}

/** A job is in the hands of its worker. */
async function arrived(name, { correlationId: id }) {
  const question = questions.get(id);
  hops.push(performance.now() - question[name]);
  if (name === 'inbound')
    await Promise.all([
      add('generation', id, { turnId: id }),
      add('delivery', id, { deliveryId: id }),
    ]);
  else if ((question.left -= 1) === 0) {
    questions.delete(id);
    question.end();
  }
}

function ask() {
  const id = randomUUID();
  return new Promise((end) => {
    questions.set(id, { end, left: 2 });
    void add('inbound', id, { eventId: id });
  });
}

/** `{pace}`: so many questions a second, how long each hop took. `{width}`: so many under way, what a hop costs. */
process.on('message', async (message) => {
  if (typeof message !== 'object') return;
  const { perSecond, width, seconds, seed } = message;
  hops.length = 0;
  const before = process.cpuUsage();
  if (perSecond) await openLoop(poisson(perSecond, perSecond * seconds, seeded(seed)), ask);
  else await closedLoop(width, seconds, ask);
  const { user, system } = process.cpuUsage(before);
  process.send({ hops: width ? hops.length : [...hops], cpuMicros: user + system });
});
process.send('ready');
