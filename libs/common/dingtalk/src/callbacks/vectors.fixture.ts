import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test vector of the enterprise reference, §D.7. */
export interface Vector {
  readonly token: string;
  readonly aesKey: string;
  readonly owner: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly encrypt: string;
  readonly signature: string;
  readonly random: string;
  readonly message: string;
}

const all = JSON.parse(
  readFileSync(
    join(__dirname, '../../../../../tests/fixtures/dingtalk/callback-vectors.json'),
    'utf8',
  ),
) as Record<string, Vector>;

export function vector(name: string): Vector {
  const found = all[name];
  if (!found) throw new Error(`no vector ${name}`);
  return found;
}
