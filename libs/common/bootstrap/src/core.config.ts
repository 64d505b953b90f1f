import { platformEnv, serviceEnv, storeEnv } from '@common/config';
import type { z } from 'zod';

/** What every service reads; apps extend it by their own variables. */
export const coreEnv = storeEnv.extend(serviceEnv.shape).extend(platformEnv.shape);

/** Injection token and type of the configuration that all services share. */
export abstract class CoreConfig implements Readonly<z.output<typeof coreEnv>> {
  abstract readonly DATABASE_URL: z.output<typeof coreEnv>['DATABASE_URL'];
  abstract readonly DATABASE_DIRECT_URL: z.output<typeof coreEnv>['DATABASE_DIRECT_URL'];
  abstract readonly DATABASE_POOL_SIZE: number;
  abstract readonly REDIS_URL: z.output<typeof coreEnv>['REDIS_URL'];
  abstract readonly REDIS_PREFIX: string;
  abstract readonly MASTER_KEYS: z.output<typeof coreEnv>['MASTER_KEYS'];
  abstract readonly BIND_HOST: string;
  abstract readonly METRICS_PORT: number | undefined;
  abstract readonly LOG_LEVEL: z.output<typeof coreEnv>['LOG_LEVEL'];
  abstract readonly SHUTDOWN_DEADLINE_MS: number;
  abstract readonly DINGTALK_API_URL: string;
  abstract readonly DINGTALK_OAPI_URL: string;
  abstract readonly DINGTALK_LOGIN_URL: string;
  abstract readonly OPENAI_BASE_URL: string | undefined;
  abstract readonly OUTBOUND_ALLOW: string;
}
