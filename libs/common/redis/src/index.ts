export { AnnouncementStrategy } from './announcement-strategy';
export { keepSubscribed } from './keep-subscribed';
export { RedisAnnouncer } from './redis-announcer';
export { connectRedis, type RedisConnectionOptions } from './redis-connection';
export { type RedisNodes, type RedisPlace, redisPlaceOf } from './redis-nodes';
export { RedisKeys } from './redis-keys';
export { ReplyStream, type ReplyAppend } from './reply-stream';
