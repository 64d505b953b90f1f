import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopLeftover } from '../leftover-process';
import { acquireLock, LockHeldError } from '../lock-file';
import { startPostgres } from '../postgres';
import { startRedis } from '../redis';

export interface TestStores {
  readonly env: { readonly DATABASE_URL: string; readonly REDIS_URL: string };
  /** For people. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Postgres and Redis for one run: those of DATABASE_URL and REDIS_URL, else our own in a folder that goes away. */
export async function startTestStores(folder: string, cacheDir: string): Promise<TestStores> {
  const given = { database: process.env['DATABASE_URL'], redis: process.env['REDIS_URL'] };
  const postgres = given.database
    ? undefined
    : await startPostgres({ dataDir: join(folder, 'postgres'), fast: true });
  try {
    const redis = given.redis
      ? undefined
      : await startRedis({ dataDir: join(folder, 'redis'), cacheDir });
    return {
      env: {
        DATABASE_URL: given.database ?? postgres?.url ?? '',
        REDIS_URL: given.redis ?? redis?.url ?? '',
      },
      origin: `${postgres?.origin ?? 'DATABASE_URL'}, ${redis?.kind ?? 'REDIS_URL'}`,
      stop: async () => {
        await Promise.all([redis?.stop(), postgres?.stop()]);
      },
    };
  } catch (error) {
    await postgres?.stop();
    throw error;
  }
}

/** A folder for this run alone; those of runs that were killed are cleared away first. */
export async function openRunFolder(dataDir: string): Promise<{ path: string; close(): void }> {
  mkdirSync(dataDir, { recursive: true });
  for (const name of readdirSync(dataDir).filter((entry) => entry.startsWith('test-'))) {
    await clearIfAbandoned(join(dataDir, name));
  }
  const path = join(dataDir, `test-${process.pid}`);
  removeRun(path);
  const lock = acquireLock(join(path, 'lock'));
  return {
    path,
    close: () => {
      lock.release();
      removeRun(path);
    },
  };
}

async function clearIfAbandoned(folder: string): Promise<void> {
  try {
    acquireLock(join(folder, 'lock'));
  } catch (error) {
    if (error instanceof LockHeldError) return;
    throw error;
  }
  await stopLeftover(join(folder, 'postgres', 'process.json'), 'SIGINT');
  await stopLeftover(join(folder, 'redis', 'process.json'));
  removeRun(folder);
}

/** The data may be elsewhere when the server's account cannot reach the project. */
function removeRun(folder: string): void {
  const note = join(folder, 'postgres', 'location');
  if (existsSync(note)) rmSync(readFileSync(note, 'utf8').trim(), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
