import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AdminApiProcess } from './admin-api.fixture';
import { type Ended, RunningCli } from './cli.fixture';

const DOCUMENT = `
agents:
  - {name: 助手, kind: demo}
channels:
  - clientId: ding-cli
    clientSecret: {fromEnv: CLI_SECRET}
    name: 客服
    defaultAgent: 助手
`;

describe('the command line', () => {
  let api: AdminApiProcess;
  let home: string;
  let document: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'carillon-cli-'));
    document = join(home, 'carillon.yaml');
    writeFileSync(document, DOCUMENT);
    api = await AdminApiProcess.start();
  });
  afterAll(async () => {
    await api.stop();
    rmSync(home, { recursive: true });
  });

  const env = (more: NodeJS.ProcessEnv = {}) => ({ HOME: home, LANG: 'C.UTF-8', ...more });
  const known = () => ({ CARILLON_URL: api.url, CARILLON_KEY: api.key });
  const bare = (args: string[], more?: NodeJS.ProcessEnv, input?: string): Promise<Ended> =>
    new RunningCli(args, env(more), input).ended();
  const run = (args: string, more: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    bare(args.split(' '), { ...known(), ...more });

  it('keeps address and key for its owner alone, once they work', async () => {
    const refused = await bare(['login', '--url', api.url, '--key-stdin'], {}, 'cak_wrong\n');
    expect([refused.code, refused.err]).toEqual([4, 'This key is not valid.\n']);

    const done = await bare(['login', '--url', api.url, '--key-stdin'], {}, `${api.key}\n`);
    const file = join(home, '.config', 'carillon', 'profile.json');
    expect([done.code, done.out]).toEqual([0, `Logged in; kept in ${file}.\n`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await bare(['queues', 'list'])).code).toBe(0);
    expect((await bare(['logout'])).code).toBe(0);
    expect((await bare(['queues'])).code).toBe(4);
  });

  it('applies a document with secrets from the environment, and exports it without', async () => {
    const lacking = await run(`apply -f ${document}`);
    expect([lacking.code, lacking.err]).toEqual([
      ...[2, 'The document needs these environment variables: CLI_SECRET.\n'],
    ]);
    const secret = { CLI_SECRET: 'planted-secret' };
    const dry = await run(`channels apply -f ${document} --dry-run`, secret);
    expect(dry.out).toBe(
      '+ create agents 助手\n+ create channels ding-cli\nNothing was done (dry run).\n',
    );
    const first = await run(`--json apply -f ${document}`, secret);
    expect([first.code, first.json.failed]).toEqual([0, 0]);
    const again = await run(`--json apply -f ${document}`, secret);
    expect(again.json.items.map(({ action }: { action: string }) => action)).toEqual([
      ...['unchanged', 'unchanged'],
    ]);

    const exported = join(home, 'exported.yaml');
    await run(`export -o ${exported} --kinds agents,channels`);
    expect(readFileSync(exported, 'utf8')).toContain('clientId: ding-cli');
    expect(readFileSync(exported, 'utf8')).not.toContain('planted');
  });

  it('says what is wrong with a document, where it is wrong', async () => {
    writeFileSync(join(home, 'wrong.yaml'), 'agents: [{name: A, kind: robot}]');
    const wrong = await run(`apply -f ${join(home, 'wrong.yaml')}`);
    expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining('agents.0.kind')]);
    writeFileSync(join(home, 'wrong.yaml'), 'agents: [');
    expect((await run(`apply -f ${join(home, 'wrong.yaml')}`)).code).toBe(2);
    expect((await run('apply -f /nowhere.yaml')).code).toBe(2);
  });

  it('lists channels, and switches them by name, client id and id', async () => {
    const { json, code } = await run('--json channels list');
    expect(code).toBe(0);
    expect(json.items).toMatchObject([{ name: '客服', state: 'disconnected', enabled: true }]);
    const [{ id }] = json.items;

    const off = await run('channels disable 客服');
    expect([off.code, off.out.trim()]).toEqual([0, `✓  ${id}`]);
    const state = await run('channels status ding-cli');
    expect([state.code, state.out]).toEqual([1, expect.stringMatching(/^disabled \(disabled\)\n/)]);
    expect((await run(`channels enable ${id}`)).code).toBe(0);
    expect((await run('channels restart --all')).code).toBe(0);
    const unknown = await run('channels enable nobody');
    expect([unknown.code, unknown.err]).toEqual([3, expect.stringContaining('"nobody"')]);
    expect((await run('channels enable')).code).toBe(2);
  });

  it('speaks Chinese where people do, and JSON to machines', async () => {
    const zh = await bare(['turns', 'list'], { ...known(), LANG: 'zh_CN.UTF-8' });
    expect(zh.out).toBe('没有。\n');
    const gone = await bare(['--json', 'queues'], {
      ...known(),
      CARILLON_URL: 'http://127.0.0.1:9',
    });
    expect([gone.code, JSON.parse(gone.err).error.code]).toEqual([5, 'unreachable']);
    const nowhere = await bare(['queues'], { LC_ALL: 'zh_CN' });
    expect([nowhere.code, nowhere.err]).toEqual([
      4,
      expect.stringContaining('请先 carillon login'),
    ]);
  });

  it('makes keys, shows them once, and revokes them', async () => {
    const made = await run('--json keys create CI --role viewer');
    const key = { CARILLON_KEY: made.json.key as string };
    expect((await run('channels list', key)).code).toBe(0);
    expect((await run('queues retry inbound', key)).code).toBe(4);
    expect((await run('keys list')).out).not.toContain(made.json.key);
    await run(`keys revoke ${made.json.id}`);
    expect((await run('channels list', key)).code).toBe(4);
  });

  it('follows turns while they go on', async () => {
    const tail = new RunningCli(['--json', 'turns', 'tail'], env(known()));
    await tail.until('"ready"');
    await api.sql(TURN);
    await tail.until('"queued"');
    tail.interrupt();
    await tail.ended();
    const [, line] = tail.out.trim().split('\n');
    const { turnId } = JSON.parse(String(line)) as { turnId: string };

    const { json } = await run(`--json turns show ${turnId}`);
    expect(json).toMatchObject({ state: 'queued', timeline: expect.any(Array) });
    expect((await run(`turns cancel ${turnId}`)).out).toContain('cancelled');
    expect((await run('turns list --channel ding-cli --state cancelled')).out).toContain(turnId);
    expect((await run(`turns retry ${turnId}`)).code).toBe(0);
    expect((await run('turns show 00000000-0000-4000-8000-000000000000')).code).toBe(3);
  });

  it('verifies the audit log, and names the first row that was touched', async () => {
    const whole = await run('audit verify');
    expect([whole.code, whole.out]).toEqual([0, expect.stringMatching(/^The audit log is whole/)]);
    await api.sql('ALTER TABLE audit_log DISABLE TRIGGER USER');
    await api.sql(
      `UPDATE audit_log SET action = 'touched' WHERE id = (SELECT max(id) - 1 FROM audit_log)`,
    );
    const broken = await run('audit verify');
    expect([broken.code, broken.out]).toEqual([1, expect.stringContaining('is broken at number')]);
  });

  it('finds what is not in order', async () => {
    const { code, json } = await run('--json doctor --skip-channels');
    expect(code).toBe(1);
    const of = (name: string) => json.checks.find((one: { name: string }) => one.name === name);
    expect(of('api').ok && of('schema').ok && of('postgres').ok && of('clocks').ok).toBe(true);
    expect(of('admin-api').ok).toBe(true);
    expect(of('gateway')).toMatchObject({ ok: false, code: 'no_process' });
    const all = await run('doctor');
    expect(all.out).toMatch(/✗ {2}channel 客服: token/);
  });

  it('explains itself, exit codes included', async () => {
    const help = await bare(['--help']);
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('Exit codes: 0 done')]);
    expect((await bare(['nonsense'])).code).toBe(2);
  });
});

/** A turn of the channel as the dispatcher would have left it. */
const TURN = `
WITH c AS (SELECT id, tenant_id FROM channel WHERE client_id = 'ding-cli'),
  m AS (INSERT INTO member (id, tenant_id) SELECT gen_random_uuid(), tenant_id FROM c RETURNING id),
  v AS (INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind)
    SELECT gen_random_uuid(), tenant_id, id, 'cid', 'direct' FROM c RETURNING id),
  h AS (INSERT INTO thread (id, tenant_id, channel_id, conversation_id, member_id, last_seq)
    SELECT gen_random_uuid(), c.tenant_id, c.id, v.id, m.id, 1 FROM c, v, m RETURNING id),
  s AS (INSERT INTO session (id, tenant_id, thread_id, number)
    SELECT gen_random_uuid(), c.tenant_id, h.id, 1 FROM c, h RETURNING id),
  t AS (INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, seq, locale)
    SELECT gen_random_uuid(), c.tenant_id, c.id, h.id, s.id, m.id, 1, 'zh' FROM c, h, s, m RETURNING id),
  d AS (INSERT INTO delivery (id, tenant_id, channel_id, turn_id, locale, target)
    SELECT gen_random_uuid(), c.tenant_id, c.id, t.id, 'zh', '{"kind":"direct"}' FROM c, t)
INSERT INTO turn_step (tenant_id, turn_id, step) SELECT c.tenant_id, t.id, 'queued' FROM c, t`;
