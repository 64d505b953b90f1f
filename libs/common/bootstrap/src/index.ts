export { coreEnv, CoreConfig } from './core.config';
export { CoreModule, SHARED_REDIS, type CoreOptions } from './core.module';
export { Incarnation, LEASE_MS } from './incarnation';
export { Metrics } from './metrics';
export { Readiness } from './readiness';
export { runService, type ServiceDefinition } from './run-service';
export { SealingKey } from './sealing-key';
export { ServiceLife } from './service-life';
