import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';

import { migrate } from '@common/persistence';
import { eventually, Gate, OwnStores } from '@common/testing';

/** Any service will do; the dispatcher calls nobody. Built by `npm test` before. */
const ENTRY = join(__dirname, '../../../../dist/apps/dispatcher/main.js');

interface Running {
  readonly process: ChildProcess;
  readonly lines: string[];
  status(path: string): Promise<number>;
  port(): number;
  readonly ended: Promise<number | null>;
}
const started: Running[] = [];
let stores: OwnStores;
let postgres: Gate;

function start(env: Record<string, string>): Running {
  const child = spawn(process.execPath, [ENTRY], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const port = () => /"port":(\d+)/.exec(lines.join('\n'))?.[1];
  const status = async (path: string): Promise<number> => {
    const at = await eventually(port);
    return (await fetch(`http://127.0.0.1:${at}${path}`)).status;
  };
  const running = { process: child, lines, status, ended, port: () => Number(port()) };
  started.push(running);
  return running;
}
const settings = (): Record<string, string> => ({
  DATABASE_URL: postgres.url,
  REDIS_URL: stores.redisUrl,
  REDIS_PREFIX: stores.prefix,
  MASTER_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  DISPATCHER_PORT: '0',
  SHUTDOWN_DEADLINE_MS: '10000',
});

beforeEach(async () => {
  stores = await OwnStores.open(process.env);
  postgres = await Gate.before(stores.databaseUrl);
});
afterEach(async () => {
  for (const { process: child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await postgres.close();
  await stores.close();
});

describe('runService', () => {
  it('refuses to boot with code 78, and names everything that lacks and nothing secret', async () => {
    const { ended, lines } = start({ MASTER_KEYS: 'k1:tooshort', DISPATCHER_PORT: 'many' });
    expect(await ended).toBe(78);
    const text = lines.join('\n');
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'MASTER_KEYS', 'DISPATCHER_PORT'])
      expect(text).toContain(name);
    expect(text).not.toContain('tooshort');
  });

  it('lives without stores, gets ready when they come, and ends well when it is told to', async () => {
    const service = start(settings());
    expect(await service.status('/healthz')).toBe(200);
    expect(await service.status('/readyz')).toBe(503);
    expect(await service.status('/metrics')).toBe(200);

    await postgres.open();
    await migrate(stores.databaseUrl);
    await eventually(async () => (await service.status('/readyz')) === 200);

    // Load balancers open connections ahead: nobody waits for one that was not used.
    const unused = connect(service.port(), '127.0.0.1');
    unused.on('error', () => undefined);
    await once(unused, 'connect');
    service.process.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    unused.destroy();
    expect(
      await stores.one(
        `SELECT stopped_at IS NOT NULL AS stopped, seen_at < now() - interval '6 seconds' AS given_up FROM incarnation`,
      ),
    ).toEqual({ stopped: true, given_up: true });
  });

  it('ends when it is told to while it still waits for the database', async () => {
    const service = start(settings());
    await service.status('/healthz');
    service.process.kill('SIGTERM');
    expect(await service.ended).toBe(0);
  });
});
