import { createRequire } from 'node:module';
import { join } from 'node:path';
import { debianRedis } from './debian-redis';
import { findOnPath } from './path-search';
import { projectRoot } from './project-root';

/** Where the server comes from, in the order in which we look. */
export type RedisSource = 'path' | 'apt' | 'js';

export type RedisKind =
  'redis-server' | 'valkey-server' | 'debian package' | 'js-redis-server (volatile)';

export interface RedisChoice {
  readonly kind: RedisKind;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The first Redis this machine can offer.
 * @throws Error  when there is none, saying what was tried and what to do
 */
export async function chooseRedis(
  sources: readonly RedisSource[],
  path: string,
  cacheDir: string,
): Promise<RedisChoice> {
  const tried: string[] = [];
  for (const source of sources) {
    const choice = await ask(source, path, cacheDir);
    if (typeof choice !== 'string') return choice;
    tried.push(choice);
  }
  throw new Error(
    `No Redis: ${tried.join('; ')}. Install redis-server or valkey-server, or set REDIS_URL.`,
  );
}

async function ask(
  source: RedisSource,
  path: string,
  cache: string,
): Promise<RedisChoice | string> {
  if (source === 'path') return onPath(path);
  if (source === 'js') return inJavaScript();
  const unpacked = await debianRedis(join(cache, 'redis-packages'));
  if (typeof unpacked === 'string') return unpacked;
  const env = { ...process.env, LD_LIBRARY_PATH: unpacked.libraries };
  return { kind: 'debian package', command: unpacked.program, args: [], env };
}

function onPath(path: string): RedisChoice | string {
  for (const kind of ['redis-server', 'valkey-server'] as const) {
    // Debian's redis-server is a link to redis-check-rdb, which looks at its own name: keep the name.
    const command = findOnPath([kind], path, { resolveLinks: false });
    if (command) return { kind, command, args: [], env: process.env };
  }
  return 'neither redis-server nor valkey-server is on the PATH';
}

function inJavaScript(): RedisChoice | string {
  const script = join(projectRoot(), 'tools', 'stack', 'js-redis.mjs');
  try {
    createRequire(script).resolve('js-redis-server');
  } catch {
    return 'the package js-redis-server is not installed';
  }
  return {
    kind: 'js-redis-server (volatile)',
    command: process.execPath,
    args: [script],
    env: process.env,
  };
}
