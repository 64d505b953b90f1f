import { deliveryQueue } from './delivery.queue';
import { filesQueue } from './files.queue';
import { generationQueue } from './generation.queue';
import { inboundQueue } from './inbound.queue';
import { outboundQueue } from './outbound.queue';

/** Every queue and the one app that reads it. Apps check at boot that they hang exactly one consumer on each of theirs. */
export const queueCatalog = [
  { name: inboundQueue.name, reader: 'dispatcher' },
  { name: filesQueue.name, reader: 'dispatcher' },
  { name: generationQueue.name, reader: 'generator' },
  { name: deliveryQueue.name, reader: 'sender' },
  { name: outboundQueue.name, reader: 'sender' },
] as const;
