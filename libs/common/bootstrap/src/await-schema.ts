import type { Clock } from '@common/kernel';
import type { Logger } from '@common/logging';
import { type Database, judgeSchema, passesRowSecurity } from '@common/persistence';

import type { Readiness } from './readiness';

const LOOK_AGAIN_MS = 500;

/** Waits until Postgres is there and its schema is one this code can work on. Services may start in any order. */
export async function awaitSchema(
  database: Database,
  parts: { readonly readiness: Readiness; readonly logger: Logger; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const { readiness, logger, clock } = parts;
  let said = '';
  while (!signal.aborted) {
    const obstacle = await obstacleOf(database);
    if (obstacle === null) return warnOfPassedSecurity(database, logger);
    readiness.become(obstacle);
    if (said !== obstacle) logger.info('waiting for the database', { code: obstacle });
    said = obstacle;
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}

async function obstacleOf(database: Database): Promise<string | null> {
  try {
    const verdict = await judgeSchema(database);
    return verdict.usable ? null : `schema_${verdict.reason}`;
  } catch {
    // Whatever it is, the obstacle is what readiness and the log say; we look again.
    return 'database_unavailable';
  }
}

/** Tenants are kept apart by the statements alone then; nothing else would say so. */
async function warnOfPassedSecurity(database: Database, logger: Logger): Promise<void> {
  const passes = await passesRowSecurity(database).catch(() => false);
  if (passes)
    logger.warn(
      'the role in DATABASE_URL passes row-level security: give the services a role that is no superuser and has no BYPASSRLS',
    );
}
