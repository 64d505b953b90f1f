export { AnnouncementStrategy } from './announcement-strategy';
export { keepSubscribed } from './keep-subscribed';
export { RedisAnnouncer } from './redis-announcer';
export { connectRedis, type RedisConnectionOptions } from './redis-connection';
export { RedisKeys } from './redis-keys';
export { ReplyStream, type ReplyAppend } from './reply-stream';
