import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Account, unprivilegedAccount } from './account';
import { unpackDebian } from './debian-package';
import { startProcess } from './managed-process';
import { findOnPath } from './path-search';
import { freePort, isPortFree } from './ports';
import { ownFolder, readablePlace } from './readable-place';
import { waitUntil } from './wait-until';

export interface PgBouncerOptions {
  /** The database behind it. */
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly cacheDir: string;
}

export interface RunningPgBouncer {
  /** The same database, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * PgBouncer in transaction mode, from the PATH or unpacked from its Debian package; for tests.
 * @throws Error when this machine offers none, or it does not come up
 */
export async function startPgBouncer(options: PgBouncerOptions): Promise<RunningPgBouncer> {
  const account = unprivilegedAccount();
  const { program, libraries } = await pgbouncer(join(options.cacheDir, 'pgbouncer-packages'));
  const place = join(readablePlace(options.dataDir, account), 'pgbouncer');
  ownFolder(place, account);
  const port = await freePort();
  const lines: string[] = [];
  const child = await startProcess({
    name: 'pgbouncer',
    command: program,
    args: [writeSettings(place, port, options.databaseUrl, account)],
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
    account,
    stopSignal: 'SIGTERM',
    onLine: (line) => lines.push(line),
  });
  const isUp = async (): Promise<true | undefined> => ((await isPortFree(port)) ? undefined : true);
  if (!(await waitUntil(isUp, 10_000)))
    throw new Error(`PgBouncer did not come up: ${lines.slice(-5).join(' | ')}`);
  const url = new URL(options.databaseUrl);
  url.host = `127.0.0.1:${port}`;
  url.search = '';
  return { url: url.toString(), stop: async () => void (await child.stop(3_000)) };
}

async function pgbouncer(folder: string): Promise<{ program: string; libraries: string }> {
  const installed = findOnPath(['pgbouncer'], `${process.env['PATH'] ?? ''}:/usr/sbin`);
  if (installed) return { program: installed, libraries: '' };
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`;
    try {
      const failure = await unpackDebian(draft, 'pgbouncer');
      if (failure) throw new Error(`No PgBouncer: ${failure}`);
      renameSync(join(draft, 'root'), folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const home = join(folder, 'usr', 'lib');
  const libraries = readdirSync(home).filter((name) => name.includes('-linux-'));
  const program = join(folder, 'usr', 'sbin', 'pgbouncer');
  const paths = libraries.map((name) => join(home, name)).join(':');
  const asked = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: paths },
  });
  if (asked.status !== 0) throw new Error(`the unpacked pgbouncer does not run: ${asked.stderr}`);
  return { program, libraries: paths };
}

/** The account alone reads the files: they hold the password. */
function writeSettings(
  place: string,
  port: number,
  databaseUrl: string,
  account: Account | undefined,
): string {
  const { hostname, port: behind, username, password, pathname } = new URL(databaseUrl);
  const database = pathname.slice(1);
  const users = join(place, 'users.txt');
  const settings = [
    '[databases]',
    `${database} = host=${hostname} port=${behind} dbname=${database}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${users}`,
    'pool_mode = transaction',
    'max_client_conn = 500',
    'default_pool_size = 30',
    // A server that comes back is tried at once, not after 15 s.
    'server_login_retry = 1',
    'ignore_startup_parameters = extra_float_digits,statement_timeout,options',
  ];
  const file = join(place, 'pgbouncer.ini');
  for (const [name, text] of [
    [file, settings.join('\n')],
    [users, `"${username}" "${password}"`],
  ] as const) {
    writeFileSync(name, `${text}\n`, { mode: 0o600 });
    chmodSync(name, 0o600);
    if (account) chownSync(name, account.uid, account.gid);
  }
  return file;
}
