import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, canReach } from './account';

/**
 * A folder the account can reach, for what belongs to `home`: `home` itself, or, where that is out of its reach (a
 * project under /root), a folder named after it in /var/lib or the temporary folder. The choice is noted in `home`.
 * @throws Error  when no such folder can be made
 */
export function readablePlace(home: string, account: Account | undefined): string {
  mkdirSync(home, { recursive: true });
  if (!account) return home;
  const note = join(home, 'location');
  const noted = existsSync(note) ? readFileSync(note, 'utf8').trim() : undefined;
  if (noted && canReach(noted, account)) return noted;
  const place = candidates(home).find((folder) => isReachable(folder, account));
  if (!place) {
    throw new Error(`no folder for ${home} that uid ${account.uid} can reach; set DATABASE_URL`);
  }
  if (place !== home) writeFileSync(note, `${place}\n`);
  return place;
}

/** Makes a folder that only the account uses. */
export function ownFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account) chownSync(folder, account.uid, account.gid);
}

function candidates(home: string): string[] {
  const name = `carillon-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;
  return [home, join('/var/lib', name), join(tmpdir(), name)];
}

function isReachable(folder: string, account: Account): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    // In a shared temporary folder somebody else may have been there first.
    if (statSync(folder).uid !== process.getuid?.()) return false;
    chmodSync(folder, 0o755);
  } catch {
    return false; // read-only or not ours: the next one
  }
  return canReach(folder, account);
}
