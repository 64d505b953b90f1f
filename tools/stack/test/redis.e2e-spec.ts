import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Redis from 'ioredis';
import { canReach, unprivilegedAccount } from '../src/account';
import { LockHeldError } from '../src/lock-file';
import { findOnPath } from '../src/path-search';
import { identityOf } from '../src/process-identity';
import { projectRoot } from '../src/project-root';
import { type RedisOptions, type RunningRedis, startRedis } from '../src/redis';
import { waitUntil } from '../src/wait-until';
import { inOwnProcess, openFolder, removeFolder } from './stack.fixture';

jest.setTimeout(300_000);

const nobody = unprivilegedAccount();
const withApt = findOnPath(['apt-get']) ? it : it.skip;
const asNobody =
  findOnPath(['apt-get']) && nobody && canReach(projectRoot(), nobody) ? it : it.skip;
const withJs = isInstalled('js-redis-server') ? it : it.skip;
const cacheDir = join(projectRoot(), '.data', 'cache');

function isInstalled(name: string): boolean {
  try {
    createRequire(join(projectRoot(), 'package.json')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

describe('the embedded Redis', () => {
  let folder: string;
  const running: RunningRedis[] = [];
  const clients: Redis[] = [];
  const start = async (options: Partial<RedisOptions> = {}) => {
    const redis = await startRedis({ dataDir: join(folder, 'redis'), cacheDir, ...options });
    running.push(redis);
    return redis;
  };
  const connect = (url: string) => {
    const client = new Redis(url, { retryStrategy: () => null });
    client.on('error', () => undefined); // told by the command that fails
    clients.push(client);
    return client;
  };
  beforeEach(() => (folder = openFolder()));
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all(running.splice(0).map((redis) => redis.stop()));
    removeFolder(folder);
  });

  it('writes an append-only file and never evicts', async () => {
    const client = connect((await start()).url);
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual([
      'maxmemory-policy',
      'noeviction',
    ]);
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
  });

  it('takes nobody without the password', async () => {
    const { port } = await start();
    await expect(connect(`redis://127.0.0.1:${port}`).ping()).rejects.toThrow('NOAUTH');
  });

  it('keeps data and address over a restart', async () => {
    const first = await start();
    await connect(first.url).set('kept', '42');
    await first.stop();
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await connect(second.url).get('kept')).toBe('42');
  });

  it('comes up again with its data after it was killed', async () => {
    const first = await start();
    await connect(first.url).set('kept', '42');
    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    expect(await connect((await start()).url).get('kept')).toBe('42');
  });

  it('refuses a folder that is in use', async () => {
    await start();
    await expect(startRedis({ dataDir: join(folder, 'redis') })).rejects.toThrow(LockHeldError);
  });

  it('ends with the process that started it, also when that is killed', async () => {
    const options = JSON.stringify({ dataDir: join(folder, 'redis'), cacheDir });
    const { process: owner, answer } = await inOwnProcess<{ pid: number }>(
      `return { pid: (await stack.startRedis(${options})).pid };`,
    );
    expect(identityOf(answer.pid)).toBeDefined();
    owner.kill('SIGKILL');
    expect(await waitUntil(() => (identityOf(answer.pid) ? undefined : 'gone'), 60_000)).toBe(
      'gone',
    );
  });

  withApt('comes from the distribution when the PATH has none', async () => {
    const redis = await start({ path: '/nowhere' });
    expect(redis.kind).toBe('debian package');
    const script = 'return cjson.encode({redis.call("INCR", KEYS[1])})';
    expect(await connect(redis.url).eval(script, 1, 'n')).toBe('[1]');
  });

  asNobody('comes from the distribution also for a user who is not root', async () => {
    chmodSync(folder, 0o777);
    const options = JSON.stringify({ dataDir: join(folder, 'redis'), path: '/nowhere' });
    const { process: owner, answer } = await inOwnProcess<{ url: string; kind: string }>(
      `const { url, kind } = await stack.startRedis(${options}); return { url, kind };`,
      nobody,
    );
    expect(answer.kind).toBe('debian package');
    expect(await connect(answer.url).ping()).toBe('PONG');
    owner.kill('SIGKILL');
  });

  withJs('is a volatile one in JavaScript when nothing else is there', async () => {
    const redis = await start({ path: '/nowhere', allow: ['path', 'js'] });
    expect(redis.kind).toBe('js-redis-server (volatile)');
    await expect(connect(`redis://127.0.0.1:${redis.port}`).ping()).rejects.toThrow('NOAUTH');
    const client = connect(redis.url);
    const script = 'return cjson.encode({redis.call("INCR", KEYS[1])})';
    expect(await client.eval(script, 1, 'n')).toBe('[1]');
  });

  it('says what to do when there is no way', async () => {
    await expect(start({ path: '/nowhere', allow: ['path'] })).rejects.toThrow(
      /on the PATH.*Install redis-server.*REDIS_URL/,
    );
  });
});
