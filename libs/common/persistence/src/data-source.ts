import { DataSource } from 'typeorm';

import { FirstSchema1763600000000 } from './migrations/1763600000000-first-schema';

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
    migrations: [FirstSchema1763600000000],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    connectTimeoutMS: 5_000,
    extra: { idleTimeoutMillis: 60_000, keepAlive: true, statement_timeout: 15_000 },
  });
}
