import { randomBytes } from 'node:crypto';
import { keptSecrets } from '../secret-file';

export interface InstallationSecrets {
  readonly env: { readonly MASTER_KEYS: string; readonly ADMIN_API_KEY: string };
  readonly isKeyFromEnvironment: boolean;
  /** It was made just now: to be shown this once. */
  readonly isKeyNew: boolean;
}

/** The master keys and the owner's key: of the environment, else kept in this file, made at the first start. */
export function installationSecrets(file: string, env: NodeJS.ProcessEnv): InstallationSecrets {
  const makers: Record<string, () => string> = {
    ...(env['MASTER_KEYS']
      ? {}
      : { MASTER_KEYS: () => `k1:${randomBytes(32).toString('base64')}` }),
    ...(env['ADMIN_API_KEY']
      ? {}
      : { ADMIN_API_KEY: () => `carillon_${randomBytes(32).toString('base64url')}` }),
  };
  const { values, created } = keptSecrets(file, makers);
  return {
    env: {
      MASTER_KEYS: env['MASTER_KEYS'] || (values['MASTER_KEYS'] ?? ''),
      ADMIN_API_KEY: env['ADMIN_API_KEY'] || (values['ADMIN_API_KEY'] ?? ''),
    },
    isKeyFromEnvironment: Boolean(env['ADMIN_API_KEY']),
    isKeyNew: created.includes('ADMIN_API_KEY'),
  };
}
