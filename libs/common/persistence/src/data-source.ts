import { DataSource } from 'typeorm';

import { migrations } from './migrations';

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
    migrations,
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
