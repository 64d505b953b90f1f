export {
  announcements,
  Announcer,
  type Announcement,
  type AnnouncementName,
} from './announcements';
export { deliveryQueue, type DeliveryJob } from './delivery.queue';
export type { Envelope } from './envelope';
export { filesQueue, type FileJob } from './files.queue';
export { generationQueue, type GenerationJob } from './generation.queue';
export { inboundQueue, type InboundJob } from './inbound.queue';
export type { JobProducer } from './job-producer.port';
export { outboundQueue, type OutboundJob } from './outbound.queue';
export { queueCatalog } from './queue-catalog';
export { defineQueue, type QueueContract } from './queue-contract';
export { replyNews, type ReplyDelta, type ReplyNews } from './reply-news';
