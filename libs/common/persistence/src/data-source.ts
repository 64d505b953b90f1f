import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';

import { migrations } from './migrations';
import { ALL_TENANTS, SCOPE_SETTING } from './scope';

export interface DataSourceOptions {
  readonly url: string;
  readonly poolSize: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
}

/** TypeORM owns the pool and the migrations; `synchronize` is off everywhere. */
export function createDataSource({
  url,
  poolSize,
  applicationName,
}: DataSourceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName,
    poolSize,
    synchronize: false,
    logging: false,
    installExtensions: false,
    migrations: migrations.map(seeingAll),
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    connectTimeoutMS: 5_000,
    extra: {
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      statement_timeout: 15_000,
      // A server that hangs or vanished keeps no promise of its own: we stop waiting.
      query_timeout: 20_000,
    },
  });
}

/** A migration may change rows of every tenant, also where the role sees none unless it says so. */
function seeingAll(migration: new () => MigrationInterface): new () => MigrationInterface {
  const wrapped = class extends migration {
    override async up(runner: QueryRunner): Promise<void> {
      await runner.query(`SET LOCAL ${SCOPE_SETTING} = '${ALL_TENANTS}'`);
      await super.up(runner);
    }
  };
  // What it is called in the table of those that ran.
  Object.defineProperty(wrapped, 'name', { value: migration.name });
  return wrapped;
}
