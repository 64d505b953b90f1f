import { setTimeout as wait } from 'node:timers/promises';

import type { Logger } from '@common/logging';
import { isDatabaseAway, migrate } from '@common/persistence';

import type { AdminApiConfig } from './admin-api.config';

const TRY_AGAIN_MS = 1_000;

/**
 * Brings the schema up to date, as soon as Postgres is there. Replicas may start together: one migrates, the others wait.
 * @throws when a migration itself fails
 */
export async function migrateAtBoot(
  config: AdminApiConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  if (config.MIGRATE === 'off') return;
  const url = (config.DATABASE_DIRECT_URL ?? config.DATABASE_URL).reveal();
  while (!signal.aborted) {
    try {
      const ran = await migrate(url);
      if (ran.length > 0) logger.info('schema migrated', { migrations: ran });
      return;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      logger.info('waiting for the database to migrate', { error });
    }
    // An abort ends the wait and with it the loop.
    await wait(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}
