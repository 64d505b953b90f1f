export { BullJobProducer } from './bull-job-producer';
export { InjectProducer, producerOf } from './inject-producer.decorator';
export { JobConsumer } from './job-consumer';
export { QueueFactory, type QueueFactoryOptions } from './queue-factory';
export { QueueWorkers, type JobObserver } from './queue-workers';
export { WorkProducer } from './work-producer.service';
