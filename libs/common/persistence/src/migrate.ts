import { createDataSource } from './data-source';
import { SCHEMA_VERSION } from './schema-version';

/** Any number will do, as long as every replica uses the same one. */
const MIGRATION_LOCK = 7_241_963;

export const DEFAULT_TENANT_ID = '00000000-0000-4000-8000-000000000001';

/**
 * Brings the schema up to date under an advisory lock, so that replicas may start together; then makes sure the tenant
 * `default` exists. Give it the direct URL: a pooler in transaction mode cannot hold the lock.
 * @returns names of the migrations that ran
 */
export async function migrate(url: string): Promise<string[]> {
  const source = createDataSource({ url, poolSize: 2, applicationName: 'carillon-migrate' });
  source.setOptions({ extra: { statement_timeout: 0 } });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await source.runMigrations({ transaction: 'each' });
    // Whatever tables came, theirs is the policy of all.
    await lock.query('SELECT guard_tenant_tables()');
    // Never lowered: an older replica that starts late must not claim the schema is its own.
    await lock.query('UPDATE schema_state SET version = $1 WHERE version < $1', [SCHEMA_VERSION]);
    await lock.query(
      `INSERT INTO tenant (id, slug, name) VALUES ($1, 'default', 'Default') ON CONFLICT DO NOTHING`,
      [DEFAULT_TENANT_ID],
    );
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    return ran.map((migration) => migration.name);
  } finally {
    await lock.release();
    await source.destroy();
  }
}
