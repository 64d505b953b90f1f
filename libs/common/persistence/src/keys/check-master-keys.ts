import { AppError, type SecretBox } from '@common/kernel';

import type { Database } from '../database';

export class MissingMasterKeyError extends AppError {
  readonly code = 'missing_master_key';
  readonly retry = 'never';
}

interface KeyRow {
  id: string;
  fingerprint: string;
}

/**
 * Whether MASTER_KEYS has every key that rows still need.
 * @throws MissingMasterKeyError with a sentence for whoever starts the process
 */
export async function checkMasterKeys(database: Database, box: SecretBox): Promise<void> {
  const needed = await database.platformOnce<KeyRow & Record<string, unknown>>(
    'SELECT id, fingerprint FROM master_key WHERE retired_at IS NULL ORDER BY id',
  );
  for (const { id, fingerprint } of needed) {
    if (!box.keyIds.includes(id)) throw new MissingMasterKeyError(missing(id));
    if (fingerprint !== '' && box.fingerprintOf(id) !== fingerprint)
      throw new MissingMasterKeyError(other(id));
  }
}

/** From now on rows are sealed with this key: to be written down before the first of them. */
export async function noteMasterKey(
  database: Database,
  box: SecretBox,
  keyId: string,
): Promise<void> {
  await database.platformOnce(NOTE, [keyId, box.fingerprintOf(keyId)]);
}

const missing = (id: string): string =>
  `MASTER_KEYS lacks the key "${id}", with which rows in the database are still sealed: put it back, behind the first one. ` +
  `It may go when GET /api/v1/system/keys says that it is retired.`;
const other = (id: string): string =>
  `the key "${id}" in MASTER_KEYS is not the one that sealed the rows in the database: give the new key an id of its own, ` +
  `and put the old "${id}" back behind it.`;

const NOTE = `
INSERT INTO master_key (id, fingerprint, chosen_at) VALUES ($1, $2, now())
ON CONFLICT (id) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, retired_at = NULL, chosen_at = now()`;
