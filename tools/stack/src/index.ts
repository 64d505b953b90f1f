export { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres';
export { type RedisKind, type RedisOptions, type RunningRedis, startRedis } from './redis';
export {
  type ManagedProcess,
  type ProcessEnd,
  type ProcessSpec,
  startProcess,
} from './managed-process';
export { type RunningPgBouncer, startPgBouncer } from './pgbouncer';
export { type RedisSet, startRedisCluster, startSentinelSet } from './redis-sets';
export { acquireLock, type Lock, LockHeldError } from './lock-file';
export { freePort, isPortFree } from './ports';
export { projectRoot } from './project-root';
