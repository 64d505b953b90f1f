import { platformEnv, serviceEnv, storeEnv, validatedEnv } from '@common/config';

/** What every service reads; apps extend it by their own variables. */
export const coreEnv = storeEnv.extend(serviceEnv.shape).extend(platformEnv.shape);

/** Injection token and type of the configuration that all services share; the app's own config stands in for it. */
export class CoreConfig extends validatedEnv(coreEnv) {}
