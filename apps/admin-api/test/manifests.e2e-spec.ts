import { parse } from 'yaml';

import { RunningAdminApi } from './admin-api.fixture';

/** A small house, as an administrator writes it. */
const DOCUMENT = `
apiVersion: carillon/v1
models:
  - name: main
    provider: openai-compatible
    baseUrl: https://api.example.com/v1
    upstreamModel: some-model
    apiKey: planted-api-key
toolServers:
  - {name: crm, transport: http, url: "https://tools.example.com/mcp", headers: {x-key: planted-header}}
agents:
  - name: 助手
    kind: llm
    model: main
    instructions: |
      Answer briefly.
      用中文回答。
    tools: [current_time, crm]
channels:
  - clientId: ding-manifest
    clientSecret: planted-client-secret
    name: Helpdesk
    defaultAgent: 助手
    choices: {models: {names: [main]}}
    session: {idleMinutes: 60}
`;

describe('configuration as a document', () => {
  let api: RunningAdminApi;
  let tenant: string;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    const slug = `t-${Math.random().toString(36).slice(2)}`;
    tenant = (await api.created('/tenants', { name: slug, slug })).id as string;
  });

  const apply = (document: string | object, query = '') =>
    typeof document === 'string'
      ? api.post(`/apply${query}`, document, {
          tenant,
          headers: { 'content-type': 'application/yaml' },
        })
      : api.post(`/apply${query}`, document, { tenant });
  /** Client ids are unique in the whole installation. */
  const house = () => DOCUMENT.replace('ding-manifest', `ding-${tenant}`);
  const actions = (body: { items: { kind: string; action: string }[] }) =>
    body.items.map(({ kind, action }) => `${action} ${kind}`);

  it('makes everything it names, in an order that works, and is done when applied again', async () => {
    const first = await apply(house());
    expect([first.status, first.body.failed]).toEqual([200, 0]);
    expect(actions(first.body)).toEqual([
      'create models',
      'create toolServers',
      'create agents',
      'create channels',
    ]);
    const channel = await api.get(`/channels/${first.body.items[3].id}`, { tenant });
    expect(channel.body).toMatchObject({
      name: 'Helpdesk',
      defaultAgentId: first.body.items[2].id,
      choices: { models: { ids: [first.body.items[0].id] } },
      session: { scope: 'person', idleMinutes: 60 },
    });

    const again = await apply(house());
    expect(new Set(again.body.items.map(({ action }: { action: string }) => action))).toEqual(
      new Set(['unchanged']),
    );
    expect((await api.get(`/channels/${channel.body.id}`, { tenant })).body.revision).toBe(1);
  });

  it('is exported without secrets, and what was exported changes nothing', async () => {
    await apply(house());

    const exported = await api.get('/export', { tenant });
    expect(exported.headers.get('content-type')).toMatch(/^application\/yaml/);
    const elsewhere = exported.text.replaceAll(tenant, '');
    expect(elsewhere).not.toMatch(/planted|[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(exported.text).toContain('用中文回答');
    const read = parse(exported.text);
    expect(read).toMatchObject({
      models: [{ name: 'main' }],
      agents: [{ name: '助手', model: 'main', tools: ['current_time', 'crm'] }],
      channels: [{ defaultAgent: '助手', choices: { models: { names: ['main'] } } }],
    });
    const back = await apply(exported.text);
    expect(actions(back.body).every((action) => action.startsWith('unchanged'))).toBe(true);
    const some = await api.get('/export?format=json&kinds=agents', { tenant });
    expect(Object.keys(some.body)).toEqual(['apiVersion', 'agents']);
  });

  it('P8 goes into another tenant with the secrets that the document brings', async () => {
    await apply(house());
    const { text } = await api.get('/export', { tenant });
    const slug = `copy-${tenant.slice(-12)}`;
    const other = (await api.created('/tenants', { name: 'Copy', slug })).id as string;
    const moved = text
      .replace(`ding-${tenant}`, `ding-${other}`)
      .replace('name: Helpdesk', 'name: Helpdesk\n    clientSecret: planted-other');

    tenant = other;
    expect((await apply(moved)).body.failed).toBe(0);
    const seen = [api.logLines.join(''), await api.sql('SELECT before, after FROM audit_log')];
    expect(JSON.stringify(seen)).not.toContain('planted');
  });

  it('says what it would do, of a secret only that, and does nothing', async () => {
    await apply(house());
    const changed = house()
      .replace('idleMinutes: 60', 'idleMinutes: 90')
      .replace('planted-api-key', 'planted-new-key')
      .replace('Answer briefly.', 'Answer at length.');

    const { body, text } = await apply(changed, '?dryRun=true');
    expect(text).not.toContain('planted');
    expect(body.items.map(({ changes }: { changes: object[] }) => changes)).toEqual([
      [{ path: 'apiKey', before: 'set', after: 'set' }],
      [],
      [
        expect.objectContaining({
          path: 'instructions',
          before: 'Answer briefly.\n用中文回答。\n',
        }),
      ],
      [{ path: 'session.idleMinutes', before: 60, after: 90 }],
    ]);
    expect(actions((await apply(changed, '?dryRun=true')).body)).toEqual(actions(body));
    expect(actions((await apply(changed)).body)).toContain('update channels');
    expect(actions((await apply(changed)).body)).not.toContain('update channels');
  });

  it('leaves alone what it does not name; null puts a field back', async () => {
    await apply(house());
    const clientId = `ding-${tenant}`;

    const { body } = await apply({ channels: [{ clientId, busy: 'steer', session: null }] });
    expect(body.items).toMatchObject([
      {
        action: 'update',
        changes: [
          { path: 'session.idleMinutes', before: 60, after: 1440 },
          { path: 'busy', before: 'queue', after: 'steer' },
        ],
      },
    ]);
    const channel = await api.get(`/channels/${body.items[0].id}`, { tenant });
    expect(channel.body).toMatchObject({ name: 'Helpdesk', busy: 'steer' });
  });

  it('is refused as a whole, with every fault where it was written', async () => {
    const { status, body } = await apply({
      models: [{ name: 'm', provider: 'demo', surprise: 1 }],
      agents: [
        { name: 'a', kind: 'llm', model: 'nowhere' },
        { name: 'a', kind: 'demo' },
        { kind: 'demo' },
      ],
      channels: [{ clientId: 'c', name: 'C', card: { pace: 'hasty' } }],
    });

    expect([status, body.code]).toEqual([400, 'invalid_input']);
    expect(body.errors).toEqual(
      expect.arrayContaining([
        { path: 'models.0.surprise', message: 'unknown field' },
        { path: 'agents.0.model', message: 'there is no "nowhere"' },
        { path: 'agents.1.name', message: 'stands in this document twice' },
        { path: 'agents.2.name', message: 'is required' },
        { path: 'channels.0.clientSecret', message: 'is required' },
        expect.objectContaining({ path: 'channels.0.card.pace' }),
      ]),
    );
    expect((await api.get('/models', { tenant })).body.items).toEqual([]);
  });

  it('tells an item that fails, does the others, and does what is left the next time', async () => {
    const taken = await api.channel({ clientId: `taken-${tenant}` });
    const document = {
      agents: [{ name: 'A', kind: 'demo' }],
      channels: ['taken', 'free'].map((word) => ({
        ...{ clientId: `${word}-${tenant}`, name: word, clientSecret: 's', defaultAgent: 'A' },
      })),
    };

    const { body } = await apply(document);
    expect(body).toMatchObject({
      failed: 1,
      items: [
        { error: null },
        { id: null, error: { code: 'client_id_taken' } },
        { error: null, id: expect.any(String) },
      ],
    });
    await api.delete(`/channels/${taken.id}`);
    expect(actions((await apply(document)).body)).toEqual([
      ...['unchanged agents', 'create channels', 'unchanged channels'],
    ]);
  });

  it('tells those apart that share a name by their ids', async () => {
    const made = [0, 1].map(() =>
      api.created('/models', { name: 'Twin', provider: 'demo' }, { tenant }),
    );
    const [one] = await Promise.all(made);
    const agent = { name: 'A', kind: 'llm', modelId: one.id };
    await api.created('/agents', agent, { tenant });

    const { text } = await api.get('/export', { tenant });
    expect(parse(text).models[0]).toHaveProperty('id');
    expect(parse(text).agents[0].model).toBe(one.id);
    expect((await apply(text)).body.failed).toBe(0);
    const refused = await apply({ agents: [{ name: 'B', kind: 'llm', model: 'Twin' }] });
    expect(refused.body.errors[0].message).toContain('use an id');
  });

  it('is no bomb and no nonsense', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, n) => `${name}: &${name} [${`*${'abcdefg'[n]},`.repeat(9)}]`)
      .join('\n')}`;
    for (const text of [bomb, 'models: [', 'a: 1\na: 2']) {
      const { status, body } = await apply(text);
      expect([status, body.code]).toEqual([400, 'malformed_yaml']);
    }
    const elsewhere = { tenant, headers: { 'content-type': 'application/yaml' } };
    expect((await api.post('/agents', 'a: 1', elsewhere)).status).toBe(415);
  });

  it('keeps its whole answer for an Idempotency-Key', async () => {
    const options = { tenant, headers: { 'idempotency-key': `apply-${tenant}` } };
    const document = { agents: ['A', 'B'].map((name) => ({ name, kind: 'demo' })) };

    const first = await api.post('/apply', document, options);
    const second = await api.post('/apply', document, options);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expect(first.body.items).toHaveLength(2);
  });

  describe('many channels at once', () => {
    it('are switched off and on, each with its own result', async () => {
      const ids = [await api.channel(), await api.channel()].map(({ id }) => id as string);
      const stranger = (await api.channel({}, { tenant })).id as string;

      const off = await api.post('/channels/bulk', {
        action: 'disable',
        channelIds: [...ids, stranger, ids[0]],
      });
      expect(off.body).toEqual({
        failed: 1,
        items: [
          ...ids.map((channelId) => ({ channelId, ok: true, error: null })),
          { channelId: stranger, ok: false, error: expect.objectContaining({ code: 'not_found' }) },
        ],
      });
      expect((await api.get(`/channels/${ids[0]}`)).body.enabled).toBe(false);
      const on = await api.post('/channels/bulk', { action: 'enable', all: true });
      expect(on.body.failed).toBe(0);
      expect((await api.get(`/channels/${ids[1]}`)).body.enabled).toBe(true);
      expect((await api.get(`/channels/${stranger}`, { tenant })).body.enabled).toBe(true);
    });

    it('are restarted, with one announcement each', async () => {
      const channels = [await api.channel({}, { tenant }), await api.channel({}, { tenant })];
      const heard = await api.listen();

      await api.post('/channels/bulk', { action: 'restart', all: true }, { tenant });
      const restarted = () => heard.filter(({ pattern }) => pattern === 'channel.restart');
      while (restarted().length < 2) await new Promise(setImmediate);
      expect(new Set(restarted().map(({ data }) => data['channelId']))).toEqual(
        new Set(channels.map(({ id }) => id)),
      );
    });

    it('are named, or all meant: not both, not neither', async () => {
      for (const wish of [{}, { all: true, channelIds: [tenant] }]) {
        const { status } = await api.post('/channels/bulk', { action: 'enable', ...wish });
        expect(status).toBe(400);
      }
    });
  });
});
