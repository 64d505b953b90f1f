import { once } from 'node:events';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { canReach, unprivilegedAccount } from '../src/account';
import { LockHeldError } from '../src/lock-file';
import { type RunningPostgres, startPostgres } from '../src/postgres';
import { identityOf } from '../src/process-identity';
import { projectRoot } from '../src/project-root';
import { waitUntil } from '../src/wait-until';
import { inOwnProcess, openFolder, removeFolder } from './stack.fixture';

jest.setTimeout(300_000);

const nobody = unprivilegedAccount();
const asRoot = nobody ? it : it.skip;
const asNobody = nobody && canReach(projectRoot(), nobody) ? it : it.skip;

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded Postgres', () => {
  let folder: string;
  const running: RunningPostgres[] = [];
  const start = async (dataDir = join(folder, 'postgres')) => {
    const postgres = await startPostgres({ dataDir, fast: true });
    running.push(postgres);
    return postgres;
  };
  beforeEach(() => (folder = openFolder()));
  afterEach(async () => {
    await Promise.all(running.splice(0).map((postgres) => postgres.stop()));
    removeFolder(folder);
  });

  it('gives the application a database of its own and no power over the server', async () => {
    const { url } = await start();
    await query(url, 'CREATE SCHEMA one');
    await query(url, 'CREATE DATABASE another');
    const sql = 'SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user';
    expect(await query(url, sql)).toEqual([{ rolsuper: false, rolcreaterole: false }]);
  });

  it('takes nobody without the password and listens on the loopback interface alone', async () => {
    const { url, superuserUrl } = await start();
    await expect(query(url.replace(/:[0-9a-f]+@/, ':x@'), 'SELECT 1')).rejects.toThrow('password');
    const sql = "SELECT name, setting FROM pg_settings WHERE name ~ '^(listen_a|unix_socket_dir)'";
    expect(await query(superuserUrl, sql)).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    const secrets = join(folder, 'postgres', 'secrets.json');
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
  });

  it('keeps data and address over a restart', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('comes up again after its server was killed', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('refuses a folder that is in use', async () => {
    await start();
    await expect(startPostgres({ dataDir: join(folder, 'postgres') })).rejects.toThrow(
      LockHeldError,
    );
  });

  it('ends with the process that started it, also when that is killed', async () => {
    const dataDir = JSON.stringify(join(folder, 'postgres'));
    const { process: owner, answer } = await inOwnProcess<{ pid: number }>(
      `return { pid: (await stack.startPostgres({ dataDir: ${dataDir}, fast: true })).pid };`,
    );
    expect(identityOf(answer.pid)).toBeDefined();
    owner.kill('SIGKILL');
    expect(await waitUntil(() => (identityOf(answer.pid) ? undefined : 'gone'), 60_000)).toBe(
      'gone',
    );
  });

  it('stops at the next start what was left behind without its guard', async () => {
    const dataDir = JSON.stringify(join(folder, 'postgres'));
    const { process: owner, answer } = await inOwnProcess<{ pid: number }>(
      `return { pid: (await stack.startPostgres({ dataDir: ${dataDir}, fast: true })).pid };`,
    );
    const children = readFileSync(`/proc/${owner.pid}/task/${owner.pid}/children`, 'utf8');
    for (const pid of children.trim().split(' ').map(Number)) {
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sh') process.kill(pid, 'SIGKILL');
    }
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const second = await start();
    expect(identityOf(answer.pid)).toBeUndefined();
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  asRoot('runs as nobody when we are root', async () => {
    const { pid } = await start();
    expect(statSync(`/proc/${pid}`).uid).toBe(nobody?.uid);
  });

  asRoot('keeps its data elsewhere when the project is out of its reach', async () => {
    chmodSync(folder, 0o700);
    const first = await start();
    expect(first.place.startsWith(folder)).toBe(false);
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    removeFolder(join(folder, 'postgres')); // as somebody who wants to begin anew
    const third = await start();
    await expect(query(third.url, 'SELECT answer FROM kept')).rejects.toThrow('does not exist');
    await third.stop();
    removeFolder(third.place);
  });

  asNobody('runs for a user who is not root', async () => {
    chmodSync(folder, 0o777);
    const dataDir = JSON.stringify(join(folder, 'postgres'));
    const { process: owner, answer } = await inOwnProcess<{ url: string }>(
      `return { url: (await stack.startPostgres({ dataDir: ${dataDir}, fast: true })).url };`,
      nobody,
    );
    expect(await query(answer.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    owner.kill('SIGKILL');
  });
});
