// The tools have no package name of their own; `layer:system` may use `layer:tool`, so this is the one place that does.
// eslint-disable-next-line @nx/enforce-module-boundaries
export {
  projectRoot,
  startPgBouncer,
  startPostgres,
  startProcess,
  startRedis,
  startRedisCluster,
  startSentinelSet,
} from '../../../tools/stack/src';
// eslint-disable-next-line @nx/enforce-module-boundaries
export type {
  ManagedProcess,
  RedisSet,
  RunningPgBouncer,
  RunningPostgres,
  RunningRedis,
} from '../../../tools/stack/src';
