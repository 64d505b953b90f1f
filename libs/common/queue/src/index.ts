export { BullJobProducer } from './bull-job-producer';
export { JobConsumer } from './job-consumer';
export { QueueFactory, type QueueFactoryOptions } from './queue-factory';
export { QueueWorkers } from './queue-workers';
