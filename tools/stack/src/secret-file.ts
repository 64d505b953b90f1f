import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Hexadecimal, so that it needs no quoting in SQL, URLs and configuration files. */
export function randomPassword(): string {
  return randomBytes(24).toString('hex');
}

/**
 * Reads the secrets kept in a file that only its owner can read, making up those that are missing.
 * `created` names the ones that are new.
 */
export function keptSecrets<K extends string>(
  file: string,
  makers: Readonly<Record<K, () => string>>,
): { readonly values: Record<K, string>; readonly created: readonly K[] } {
  const kept = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<K, string>>)
    : ({} as Partial<Record<K, string>>);
  const created = (Object.keys(makers) as K[]).filter((name) => !kept[name]);
  const fresh = Object.fromEntries(created.map((name) => [name, makers[name]()]));
  const values = { ...kept, ...fresh } as Record<K, string>;
  if (created.length > 0) writePrivately(file, `${JSON.stringify(values, null, 2)}\n`);
  return { values, created };
}

/** Replaces the file in one step; a crash leaves the old one. */
export function writePrivately(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
