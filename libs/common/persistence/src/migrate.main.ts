import 'reflect-metadata';

import { storeEnv, validatedEnv } from '@common/config';

import { migrate } from './migrate';

class MigrateConfig extends validatedEnv(
  storeEnv.pick({ DATABASE_URL: true, DATABASE_DIRECT_URL: true }),
) {}

const config = new MigrateConfig();
migrate((config.DATABASE_DIRECT_URL ?? config.DATABASE_URL).reveal()).then(
  (ran) =>
    process.stdout.write(
      ran.length === 0 ? 'schema is up to date\n' : `migrated: ${ran.join(', ')}\n`,
    ),
  (error: unknown) => {
    process.stderr.write(
      `migration failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
