import { type FactoryProvider, Inject } from '@nestjs/common';

import type { Envelope, QueueContract } from '@common/contracts';

import { BullJobProducer } from './bull-job-producer';
import { QueueFactory } from './queue-factory';

const producerToken = (queue: { readonly name: string }): string => `producer:${queue.name}`;

/** Injects the `JobProducer` of a queue. */
export const InjectProducer = (queue: {
  readonly name: string;
}): ParameterDecorator & PropertyDecorator => Inject(producerToken(queue));

/** Put it under a module's providers to make `@InjectProducer(queue)` work there. */
export const producerOf = <T extends Envelope>(queue: QueueContract<T>): FactoryProvider => ({
  provide: producerToken(queue),
  inject: [QueueFactory],
  useFactory: (factory: QueueFactory) => new BullJobProducer(queue, factory.producing(queue.name)),
});
