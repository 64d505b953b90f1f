import { renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Account, unprivilegedAccount } from './account';
import { stopLeftover } from './leftover-process';
import { acquireLock } from './lock-file';
import { type ManagedProcess, startProcess } from './managed-process';
import { findPostgres, type PostgresBinaries } from './postgres-binaries';
import { clusterMajor, createCluster, serverArguments, serverEnv } from './postgres-cluster';
import { acceptsLogin, ensureRoleAndDatabase } from './postgres-roles';
import { rememberedPort } from './ports';
import { readablePlace } from './readable-place';
import { keptSecrets, randomPassword } from './secret-file';
import { waitUntil } from './wait-until';

export interface PostgresOptions {
  /** Holds passwords, port and lock; the data too, unless the server's account cannot reach it. */
  readonly dataDir: string;
  /** 0 or none: the port of last time if it is free, else a new one. */
  readonly port?: number;
  /** No fsync: for tests. */
  readonly fast?: boolean;
  /** Further settings of the server, as on its command line. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly log?: (line: string) => void;
}

export interface RunningPostgres {
  /** As `carillon`: no superuser, may create databases, owns the database `carillon`. */
  readonly url: string;
  readonly superuserUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when its process has ended, for whatever reason. */
  readonly ended: ManagedProcess['ended'];
  /** Where the programs and the data are, for people. */
  readonly origin: string;
  readonly place: string;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopDeadlineMs = 15_000;

/**
 * Brings up a PostgreSQL of our own on the loopback interface.
 * @throws LockHeldError  when a living process runs one on this folder
 * @throws Error          with the server's last lines when it does not come up
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const home = resolve(options.dataDir);
  const account = unprivilegedAccount();
  const place = readablePlace(home, account);
  const lock = acquireLock(join(home, 'lock'));
  try {
    await stopLeftover(pidFileIn(home), 'SIGINT', stopDeadlineMs);
    const cluster = join(place, 'cluster');
    const { values: secrets, created } = keptSecrets(join(home, 'secrets.json'), {
      superuser: randomPassword,
      carillon: randomPassword,
    });
    if (created.includes('superuser')) setAside(cluster, options.log);
    const binaries = findPostgres(place, account, clusterMajor(cluster));
    if (!clusterMajor(cluster)) createCluster(cluster, binaries, secrets.superuser, account);
    const server = await launch({ home, cluster, binaries, account, secrets, options });
    return {
      ...server.urls,
      port: server.port,
      pid: server.child.pid,
      ended: server.child.ended,
      origin: `PostgreSQL ${binaries.major} (${binaries.origin})`,
      place,
      stop: async () => {
        await server.child.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Data whose password is lost (somebody deleted `home`, the data being elsewhere) is kept, out of the way. */
function setAside(cluster: string, log?: (line: string) => void): void {
  if (!clusterMajor(cluster)) return;
  const aside = `${cluster}.${Date.now()}`;
  renameSync(cluster, aside);
  log?.(`nobody knows the password of the data in ${cluster}: moved to ${aside}`);
}

interface Launch {
  readonly home: string;
  readonly cluster: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
  readonly secrets: Record<'superuser' | 'carillon', string>;
  readonly options: PostgresOptions;
}

async function launch(plan: Launch, attempt = 1): Promise<Launched> {
  const port = plan.options.port || (await rememberedPort(join(plan.home, 'port')));
  const lines: string[] = [];
  const child = await startProcess({
    name: 'postgres',
    command: plan.binaries.postgres,
    args: serverArguments(plan.cluster, port, plan.options),
    env: serverEnv(),
    account: plan.account,
    pidFile: pidFileIn(plan.home),
    stopSignal: 'SIGINT', // "fast": ends the sessions and shuts down cleanly
    stopDeadlineMs,
    onLine: (line) => {
      lines.push(line);
      if (lines.length > 50) lines.shift();
      plan.options.log?.(line);
    },
  });
  const urls = {
    url: `postgres://carillon:${plan.secrets.carillon}@127.0.0.1:${port}/carillon`,
    superuserUrl: `postgres://postgres:${plan.secrets.superuser}@127.0.0.1:${port}/postgres`,
  };
  const answer = await waitUntil(
    async () => (child.isRunning() ? (await acceptsLogin(urls.superuserUrl)) || undefined : false),
    startTimeoutMs,
  );
  if (!answer) {
    await child.stop(2_000);
    // Somebody took the port between the look and the bind, or the sessions of a killed server still hold its memory.
    if (attempt < 20 && isPassing(lines)) return afterPause(() => launch(plan, attempt + 1));
    throw new Error(`Postgres did not come up: ${lines.slice(-8).join(' | ')}`);
  }
  const { carillon: password } = plan.secrets;
  await ensureRoleAndDatabase({ ...urls, role: 'carillon', password, database: 'carillon' });
  return { child, port, urls };
}

interface Launched {
  readonly child: ManagedProcess;
  readonly port: number;
  readonly urls: { readonly url: string; readonly superuserUrl: string };
}

const isPassing = (lines: readonly string[]) =>
  lines.some((line) =>
    /Address already in use|pre-existing shared memory|postmaster\.pid/.test(line),
  );

const afterPause = <T>(next: () => Promise<T>) =>
  new Promise<void>((done) => setTimeout(done, 250)).then(next);

const pidFileIn = (home: string) => join(home, 'process.json');
