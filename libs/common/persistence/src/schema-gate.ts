import type { Database } from './database';
import { sqlStateOf } from './persistence.errors';
import { SCHEMA_VERSION } from './schema-version';

export type SchemaVerdict =
  | { readonly usable: true }
  | {
      readonly usable: false;
      readonly reason: 'not_migrated' | 'too_old' | 'incompatible';
      readonly version: number;
    };

const UNDEFINED_TABLE = '42P01';

/** Whether this code may work on the schema as it is now. @throws DatabaseUnavailableError */
export async function judgeSchema(
  database: Database,
  needed = SCHEMA_VERSION,
): Promise<SchemaVerdict> {
  try {
    const [state] = await database.platformOnce<{ version: number; compatible_from: number }>(
      'SELECT version, compatible_from FROM schema_state',
    );
    const version = state?.version ?? 0;
    if (version < needed) return { usable: false, reason: 'too_old', version };
    if ((state?.compatible_from ?? 0) > needed)
      return { usable: false, reason: 'incompatible', version };
    return { usable: true };
  } catch (error) {
    if (sqlStateOf(error) === UNDEFINED_TABLE)
      return { usable: false, reason: 'not_migrated', version: 0 };
    throw error;
  }
}
