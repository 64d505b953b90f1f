import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminClient } from './admin-client';
import { setUpDemo, unconnected } from './demo-setup';

type Rows = Record<string, unknown>[];

/** The part of the REST API that the set-up uses, with pages of one row. */
class FakeApi {
  readonly rows: Record<string, Rows> = { agents: [], models: [], channels: [] };
  readonly writes: string[] = [];
  readonly states: Record<string, string> = {};
  private readonly server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const answer = this.answer(request.method ?? '', request.url ?? '', text);
      response.writeHead('problem' in answer ? 409 : 200).end(JSON.stringify(answer));
    });
  });

  async open(): Promise<AdminClient> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    const { port } = this.server.address() as AddressInfo;
    return new AdminClient(`http://127.0.0.1:${port}`, 'key');
  }

  close(): void {
    this.server.close();
  }

  private answer(method: string, url: string, text: string): object {
    const { pathname, searchParams } = new URL(url, 'http://fake');
    const [kind = '', id, more] = pathname.replace('/api/v1/', '').split('/');
    const rows = this.rows[kind] ?? [];
    if (more === 'status') return { state: this.states[id ?? ''] ?? 'connected', message: 'Why.' };
    if (method === 'GET') {
      const at = Number(searchParams.get('cursor') ?? 0);
      const nextCursor = at + 1 < rows.length ? String(at + 1) : null;
      return { items: rows.slice(at, at + 1), nextCursor };
    }
    this.writes.push(`${method} ${kind}`);
    const body = JSON.parse(text) as Record<string, unknown>;
    if (body['clientId'] && body['clientId'] === this.states['taken']) {
      return { problem: true, code: 'client_id_taken', detail: 'It belongs to another channel.' };
    }
    if (method === 'POST') rows.push({ id: `${kind}${rows.length}`, ...body });
    const row = method === 'POST' ? rows.at(-1) : rows.find((known) => known['id'] === id);
    return Object.assign(row ?? {}, body);
  }
}

describe('setting up the demo', () => {
  let folder: string;
  let note: string;
  let fake: FakeApi;
  let api: AdminClient;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'demo-'));
    note = join(folder, 'demo');
    fake = new FakeApi();
    api = await fake.open();
  });
  afterEach(() => {
    fake.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const model = { baseUrl: 'http://m/v1', apiKey: 'k', upstreamModel: 'm-1' };
  const agents = () => fake.rows['channels']?.map((channel) => channel['defaultAgentId']);

  it('gives both bots of the sandbox a channel with the demo agent', async () => {
    await setUpDemo(api, undefined, note);
    expect(fake.writes).toEqual(['POST agents', 'POST channels', 'POST channels']);
    expect(fake.rows['channels']?.[1]).toMatchObject({
      type: 'dingtalk',
      clientId: 'dingsandboxbot2',
      clientSecret: 'sandbox-secret-2',
      robotCode: 'dingsandboxbot2',
      defaultAgentId: 'agents0',
      enabled: true,
      card: { enabled: true, buttons: true },
    });
  });

  it('writes nothing the second time', async () => {
    await setUpDemo(api, model, note);
    fake.writes.length = 0;
    await setUpDemo(api, model, note);
    expect(fake.writes).toEqual([]);
  });

  it('leaves the agent that an administrator chose', async () => {
    await setUpDemo(api, undefined, note);
    Object.assign(fake.rows['channels']?.[0] ?? {}, { defaultAgentId: 'chosen' });
    await setUpDemo(api, undefined, note);
    expect(agents()).toEqual(['chosen', 'agents0']);
  });

  it('moves the bots to the model when one is named, and back', async () => {
    await setUpDemo(api, undefined, note);
    await setUpDemo(api, model, note);
    expect(agents()).toEqual(['agents1', 'agents1']);
    expect(fake.rows['agents']?.[1]).toMatchObject({ kind: 'llm', modelId: 'models0' });
    await setUpDemo(api, undefined, note);
    expect(agents()).toEqual(['agents0', 'agents0']);
  });

  it('changes the model when only its key changes', async () => {
    await setUpDemo(api, model, note);
    fake.writes.length = 0;
    await setUpDemo(api, { ...model, apiKey: 'new' }, note);
    expect(fake.writes).toEqual(['PATCH models']);
    expect(fake.rows['models']?.[0]).toMatchObject({ apiKey: 'new' });
  });

  it('passes on what the API says against it', async () => {
    fake.states['taken'] = 'dingsandboxbot1';
    await expect(setUpDemo(api, undefined, note)).rejects.toThrow(
      'client_id_taken: It belongs to another channel. (POST /channels)',
    );
  });

  it('names the channels that do not connect, with what their status says', async () => {
    const channels = await setUpDemo(api, undefined, note);
    fake.states['channels1'] = 'bad_credentials';
    expect(await unconnected(api, channels, 400)).toEqual([
      { name: 'Sandbox bot 2', state: 'bad_credentials', why: 'bad_credentials (Why.)' },
    ]);
    fake.states['channels1'] = 'connected';
    expect(await unconnected(api, channels, 400)).toEqual([]);
  });
});
