import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { identityOf } from '../src/process-identity';
import { waitUntil } from '../src/wait-until';
import { openFolder, removeFolder } from './stack.fixture';
import { StartUnderTest } from './start.fixture';

jest.setTimeout(300_000);

const secretsIn = (start: StartUnderTest) =>
  JSON.parse(readFileSync(join(start.dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;
const allGone = (pids: readonly number[]) =>
  waitUntil(() => (pids.some((pid) => identityOf(pid)) ? undefined : true), 60_000);

describe('npm start', () => {
  let folder: string;
  const started: StartUnderTest[] = [];
  const prepare = async () => {
    const start = await StartUnderTest.in(folder);
    started.push(start);
    return start;
  };
  beforeEach(() => {
    folder = openFolder();
    chmodSync(folder, 0o755);
  });
  afterEach(async () => {
    for (const start of started.splice(0)) {
      const pids = start.pids();
      start.stop();
      await start.end();
      await allGone(pids);
    }
    removeFolder(folder);
  });

  it('brings everything up, says where, and leaves nothing behind', async () => {
    const start = await prepare();
    const child = start.start();
    await start.says(/Ctrl-C stops everything/);
    expect(start.text).toContain(`http://127.0.0.1:${start.ports['admin-api']}/api/docs`);
    expect(start.text).toContain(`http://127.0.0.1:${start.ports.sandbox}`);
    const pids = start.pids();
    expect(pids).toHaveLength(8);
    // As under npm: the terminal's signal and npm's own, which is no impatience.
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await start.end()).toBe(0);
    expect(pids.filter((pid) => identityOf(pid))).toEqual([]);
  });

  it('gives the services stores, the sandbox and secrets that only the owner can read', async () => {
    const start = await prepare();
    start.start({ METRICS_PORT: '9999' });
    await start.says(/Ctrl-C stops everything/);
    const env = await start.ask<Record<string, string>>('sender', '/env');
    const sandbox = `http://127.0.0.1:${start.ports.sandbox}`;
    expect(env).toMatchObject({
      DATABASE_URL: expect.stringMatching(/^postgres:\/\/carillon:/),
      REDIS_URL: expect.stringMatching(/^redis:\/\//),
      DINGTALK_API_URL: sandbox,
      DINGTALK_OAPI_URL: sandbox,
      DINGTALK_LOGIN_URL: sandbox,
      ...secretsIn(start),
    });
    expect(env).not.toHaveProperty('METRICS_PORT');
    expect(Buffer.from(env['MASTER_KEYS']?.slice(3) ?? '', 'base64')).toHaveLength(32);
    expect(statSync(join(start.dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('shows the admin key once and keeps it', async () => {
    const start = await prepare();
    const child = start.start();
    await start.says(/shown this once/);
    const { ADMIN_API_KEY: key } = secretsIn(start);
    expect(start.text).toContain(key);
    child.kill('SIGTERM');
    expect(await start.end()).toBe(0);
    start.lines.length = 0;
    start.start();
    await start.says(/Ctrl-C stops everything/);
    expect(start.text).not.toContain(key);
    expect(secretsIn(start)['ADMIN_API_KEY']).toBe(key);
  });

  it('sets up the demo once, and again when the model changes', async () => {
    const start = await prepare();
    const child = start.start();
    await start.says(/A demo agent answers/);
    const rows = () => start.ask<Record<string, unknown>[]>('admin-api', '/rows');
    const demo = await rows();
    expect(demo.map((row) => row['name'])).toEqual(['Demo', 'Sandbox bot 1', 'Sandbox bot 2']);
    child.kill('SIGINT');
    await start.end();

    const second = start.start({ OPENAI_MODEL: 'm-1', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' });
    await start.says(/m-1 answers/);
    const withModel = await rows();
    expect(withModel).toHaveLength(5);
    const agent = withModel.find((row) => row['kind'] === 'llm');
    const channels = withModel.filter((row) => row['kindOfRow'] === 'channels');
    expect(channels.map((row) => row['defaultAgentId'])).toEqual([agent?.['id'], agent?.['id']]);
    second.kill('SIGINT');
    await start.end();
  });

  it('refuses a second one while the first one runs', async () => {
    const start = await prepare();
    const child = start.start();
    await start.says(/Ctrl-C stops everything/);
    const second = await StartUnderTest.in(folder);
    second.start();
    expect(await second.end()).toBe(1);
    expect(second.text).toContain(`already running from this folder (process ${child.pid})`);
    child.kill('SIGINT');
    expect(await start.end()).toBe(0);
  });

  it('names a port in use and what changes it before it starts anything', async () => {
    const start = await prepare();
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(start.ports.gateway, '127.0.0.1', done));
    start.start();
    expect(await start.end()).toBe(1);
    squatter.close();
    expect(start.text).toContain(`Port ${start.ports.gateway} for gateway is in use`);
    expect(start.text).toContain('GATEWAY_PORT');
    expect(existsSync(join(start.dataDir, 'postgres'))).toBe(false);
  });

  it('starts an app again that dies, and says so', async () => {
    const start = await prepare();
    start.start();
    await start.says(/Ctrl-C stops everything/);
    const before = start.pids();
    await start.ask('sender', '/die').catch(() => undefined);
    await start.says(/sender ended \(exit code 9\); starting it again in 0.5 s/);
    const isBack = () => start.ask('sender', '/readyz').catch(() => undefined);
    expect(await waitUntil(isBack, 60_000)).toEqual({ status: 'ready' });
    expect(start.pids().filter((pid) => !before.includes(pid))).toHaveLength(1);
  });

  it('starts a store again that dies, at the same address', async () => {
    const start = await prepare();
    start.start();
    await start.says(/Ctrl-C stops everything/);
    const noted = () => readFileSync(join(start.dataDir, 'redis', 'port'), 'utf8');
    const port = noted();
    const file = join(start.dataDir, 'redis', 'process.json');
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await start.says(/Redis ended by itself/);
    const next = () =>
      existsSync(file) && !readFileSync(file, 'utf8').includes(`${pid}`) ? true : undefined;
    expect(await waitUntil(next, 60_000)).toBe(true);
    expect(noted()).toBe(port);
  });

  it('shows warnings of the services as sentences and keeps the lines in files', async () => {
    const start = await prepare();
    start.start();
    await start.says(/Ctrl-C stops everything/);
    await start.ask('gateway', '/warn').catch(() => undefined);
    await start.says(/\d\d:\d\d:\d\d warn +gateway +something odd code=odd_thing/);
    expect(readFileSync(join(start.dataDir, 'logs', 'gateway.log'), 'utf8')).toContain(
      '"odd_thing"',
    );
  });

  it('takes everything down when it is killed, and comes up again', async () => {
    const start = await prepare();
    const child = start.start();
    await start.says(/Ctrl-C stops everything/);
    const pids = start.pids();
    child.kill('SIGKILL');
    expect(await allGone(pids)).toBe(true);
    start.lines.length = 0;
    start.start();
    await start.says(/Ctrl-C stops everything/);
  });

  it('takes everything down when npm is killed above it', async () => {
    const start = await prepare();
    const npm = start.startBelowNpm();
    await start.says(/Ctrl-C stops everything/);
    const pids = start.pids();
    npm.kill('SIGKILL');
    expect(await allGone(pids)).toBe(true);
    await start.says(/^stopped$/m);
  });

  it('stops cleanly when it is told to while it comes up', async () => {
    const start = await prepare();
    const child = start.start();
    await start.says(/starting Redis/);
    child.kill('SIGINT');
    expect(await start.end()).toBe(0);
    expect(start.pids().filter((pid) => identityOf(pid))).toEqual([]);
  });

  it('speaks Chinese where the person does', async () => {
    const start = await prepare();
    start.start({ LANG: 'zh_CN.UTF-8' });
    await start.says(/按 Ctrl-C 停止全部/);
  });
});
