import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Redis from 'ioredis';
import { stopLeftover } from './leftover-process';
import { acquireLock } from './lock-file';
import { type ManagedProcess, startProcess } from './managed-process';
import { rememberedPort } from './ports';
import { chooseRedis, type RedisChoice, type RedisKind, type RedisSource } from './redis-choice';
import { keptSecrets, randomPassword, writePrivately } from './secret-file';
import { waitUntil } from './wait-until';

export { type RedisKind } from './redis-choice';

export interface RedisOptions {
  /** Holds password, port, lock, and the append-only file. */
  readonly dataDir: string;
  /** 0 or none: the port of last time if it is free, else a new one. */
  readonly port?: number;
  /** Which ways to try, in this order; all by default. */
  readonly allow?: readonly RedisSource[];
  /** The PATH to look on. */
  readonly path?: string;
  /** Keeps downloaded packages; share it between data folders. */
  readonly cacheDir?: string;
  readonly log?: (line: string) => void;
}

export interface RunningRedis {
  readonly url: string;
  readonly kind: RedisKind;
  readonly port: number;
  readonly pid: number;
  /** Resolves when its process has ended, for whatever reason. */
  readonly ended: ManagedProcess['ended'];
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

/**
 * Brings up a Redis of our own on the loopback interface, with a password, `noeviction` and, unless it is the volatile
 * one, an append-only file.
 * @throws LockHeldError  when a living process runs one on this folder
 * @throws Error          when this machine offers none, or it does not come up
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const home = resolve(options.dataDir);
  mkdirSync(home, { recursive: true });
  const lock = acquireLock(join(home, 'lock'));
  try {
    await stopLeftover(pidFileIn(home));
    const choice = await chooseRedis(
      options.allow ?? ['path', 'apt', 'js'],
      options.path ?? process.env['PATH'] ?? '',
      options.cacheDir ?? join(home, 'cache'),
    );
    const secrets = keptSecrets(join(home, 'secrets.json'), { redis: randomPassword });
    const { child, port } = await launch(home, choice, secrets.values.redis, options);
    return {
      url: urlOf(port, secrets.values.redis),
      kind: choice.kind,
      port,
      pid: child.pid,
      ended: child.ended,
      stop: async () => {
        await child.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function launch(
  home: string,
  choice: RedisChoice,
  password: string,
  options: RedisOptions,
  attempt = 1,
): Promise<{ child: ManagedProcess; port: number }> {
  const port = options.port || (await rememberedPort(join(home, 'port')));
  const lines: string[] = [];
  const child = await startProcess({
    name: 'redis',
    command: choice.command,
    args: [...choice.args, writeSettings(home, port, password)],
    env: choice.env,
    cwd: home,
    pidFile: pidFileIn(home),
    onLine: (line) => {
      lines.push(line);
      if (lines.length > 50) lines.shift();
      options.log?.(line);
    },
  });
  const url = urlOf(port, password);
  const up = await waitUntil(
    async () => (child.isRunning() ? (await answersPing(url)) || undefined : false),
    startTimeoutMs,
  );
  if (up) return { child, port };
  await child.stop(2_000);
  // Somebody took the port between the look and the bind.
  if (attempt < 5 && lines.some((line) => /Address already in use|EADDRINUSE/i.test(line))) {
    return launch(home, choice, password, options, attempt + 1);
  }
  throw new Error(`Redis (${choice.kind}) did not come up: ${lines.slice(-8).join(' | ')}`);
}

/** In a file that only we can read, because everybody can read command lines. */
function writeSettings(home: string, port: number, password: string): string {
  const file = join(home, 'redis.conf');
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${home}"`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
  ];
  writePrivately(file, `${settings.join('\n')}\n`);
  return file;
}

async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
  });
  client.on('error', () => undefined); // not yet
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false; // not yet, or still loading
  } finally {
    client.disconnect();
  }
}

const urlOf = (port: number, password: string) => `redis://:${password}@127.0.0.1:${port}/0`;
const pidFileIn = (home: string) => join(home, 'process.json');
