import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, unpackDebian } from './debian-package';
import { findOnPath } from './path-search';

export interface UnpackedRedis {
  readonly program: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
}

/**
 * Debian's or Ubuntu's own Redis, downloaded and unpacked into a folder without being root and without changing the
 * system; kept there for the next time. Answers a sentence where that does not work.
 */
export async function debianRedis(folder: string): Promise<UnpackedRedis | string> {
  const kept = existsSync(folder) ? runnable(folder) : 'nothing kept';
  if (typeof kept !== 'string') return kept;
  if (!findOnPath(['apt-get']) || !findOnPath(['dpkg-deb'])) return 'no apt-get here';
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  try {
    const failure = await download(draft);
    if (failure) return failure;
    const unpacked = runnable(join(draft, 'root'));
    if (typeof unpacked === 'string') return unpacked;
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(draft, 'root'), folder);
    return runnable(folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function download(draft: string): Promise<string | undefined> {
  const failure = await unpackDebian(draft, 'redis-tools');
  if (failure) return failure;
  // The server is the same program as redis-check-rdb, by another name; the package redis-server holds only that link.
  const programs = join(draft, 'root', 'usr', 'bin');
  if (!existsSync(join(programs, 'redis-check-rdb'))) return 'redis-tools holds no redis-check-rdb';
  symlinkSync('redis-check-rdb', join(programs, 'redis-server'));
  return undefined;
}

function runnable(root: string): UnpackedRedis | string {
  const program = join(root, 'usr', 'bin', 'redis-server');
  const home = join(root, 'usr', 'lib');
  const folders = existsSync(home)
    ? readdirSync(home).filter((name) => name.includes('-linux-'))
    : [];
  const libraries = folders.map((name) => join(home, name)).join(':');
  const asked = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });
  if (asked.status === 0) return { program, libraries };
  return `the unpacked redis-server does not run (${lastLine(asked.stderr || String(asked.error))})`;
}
