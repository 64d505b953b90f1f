import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account } from './account';
import { type PostgresBinaries } from './postgres-binaries';
import { ownFolder } from './readable-place';

/** The version that made this data folder; undefined when there is none yet. */
export function clusterMajor(folder: string): number | undefined {
  const file = join(folder, 'PG_VERSION');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined;
}

/**
 * Makes the data folder, in a draft that is renamed when it is complete: a crash leaves nothing half done.
 * @throws Error  with what initdb said
 */
export function createCluster(
  folder: string,
  binaries: PostgresBinaries,
  superuserPassword: string,
  account: Account | undefined,
): void {
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  ownFolder(draft, account);
  const passwordFile = join(draft, 'password');
  const data = join(draft, 'data');
  ownFolder(data, account);
  // Inside a 0700 folder of that account: it alone can reach the file, whose own mode must let it read.
  writeFileSync(passwordFile, `${superuserPassword}\n`, { mode: 0o644 });
  const options = ['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  const made = spawnSync(
    binaries.initdb,
    ['-D', data, `--pwfile=${passwordFile}`, '--no-sync', ...options],
    { cwd: '/', encoding: 'utf8', env: serverEnv(), ...account },
  );
  if (made.status !== 0) {
    throw new Error(`initdb failed: ${(made.stderr || String(made.error)).trim()}`);
  }
  rmSync(passwordFile);
  rmSync(folder, { recursive: true, force: true });
  renameSync(data, folder);
  rmSync(draft, { recursive: true, force: true });
}

export interface ServerOptions {
  readonly fast?: boolean | undefined;
  readonly settings?: Readonly<Record<string, string | number>> | undefined;
}

/** `fast` gives up safety against power loss, for tests alone; `more` are further settings of the server. */
export function serverArguments(
  folder: string,
  port: number,
  { fast = false, settings: more = {} }: ServerOptions,
): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    synchronous_commit: 'on',
    // Commits still reach the operating system: a killed server loses nothing, a lost machine may.
    ...(fast ? { fsync: 'off', full_page_writes: 'off' } : {}),
    ...more,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', folder, '-p', String(port), ...flags];
}

/** PG* variables of the caller are for its own clients and must not steer our server. */
export function serverEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
