import type { Database } from './database';

/** Whether Postgres leaves row-level security out for our role: superusers and roles with BYPASSRLS pass every policy. */
export async function passesRowSecurity(database: Database): Promise<boolean> {
  const [row] = await database.platformOnce<{ passes: boolean }>(
    'SELECT rolsuper OR rolbypassrls AS passes FROM pg_roles WHERE rolname = current_user',
  );
  return row?.passes ?? false;
}
