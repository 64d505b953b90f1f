export { platformEnv } from './platform.env';
export { Secret, secret } from './secret';
export { port, serviceEnv } from './service.env';
export { storeEnv } from './store.env';
export { ConfigError, validatedEnv } from './validated-env';
