import { BOT, ROBOT_TOPIC, eventually, SandboxHarness } from './sandbox-harness';

describe('control API and page', () => {
  let dingtalk: SandboxHarness;

  beforeEach(async () => {
    dingtalk = await SandboxHarness.start();
  });
  afterEach(() => dingtalk.stop());

  it('starts with one corp, five people, two groups and two bots, and tells no secret', async () => {
    const state = await dingtalk.control('GET', '/state');

    expect(state.people).toHaveLength(5);
    expect(state.groups).toHaveLength(2);
    expect(state.apps).toMatchObject([
      { clientId: BOT, connections: 0 },
      { clientId: 'dingsandboxbot2' },
    ]);
    expect(JSON.stringify(state)).not.toContain('sandbox-secret');
  });

  it('makes and removes apps, and closes the connections of a removed one', async () => {
    await dingtalk.control('PUT', '/apps/ding3', { clientSecret: 's3', name: 'Third' });
    const peer = await dingtalk.connect({ clientId: 'ding3', clientSecret: 's3' });
    await dingtalk.control('DELETE', '/apps/ding3');

    expect(await eventually(() => peer.closeCode)).toBe(1000);
    expect((await dingtalk.openTicket({ clientId: 'ding3', clientSecret: 's3' })).status).toBe(401);
  });

  it('refuses Stream to an app that is not in Stream mode', async () => {
    await dingtalk.control('PUT', '/apps/ding3', { clientSecret: 's3', streamMode: false });

    expect((await dingtalk.openTicket({ clientId: 'ding3', clientSecret: 's3' })).status).toBe(400);
  });

  it.each([
    ['PATCH', '/settings', { redeliverMs: 1 }],
    ['PUT', '/faults', { on: 'open', act: {} }],
    ['PUT', '/faults', { on: 'open', act: { error: 'noSuchError' } }],
    ['POST', '/messages', { from: '0101' }],
    ['POST', '/frames', { clientId: BOT }],
  ])('answers 400 to %s %s that says nothing useful', async (method, path, body) => {
    const answer = await dingtalk.call(method, `/sandbox${path}`, body);

    expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  });

  it('changes only the knobs that are named, and restores them', async () => {
    const before = await dingtalk.control('GET', '/settings');
    const after = await dingtalk.control('PATCH', '/settings', { qps: 5 });

    expect(after).toEqual({ ...before, qps: 5 });
    expect(await dingtalk.control('DELETE', '/settings')).toEqual(before);
  });

  it('refuses a page of another origin', async () => {
    const answer = await dingtalk.call(
      'POST',
      '/sandbox/reset',
      {},
      { origin: 'http://elsewhere.example' },
    );

    expect(answer).toMatchObject({ status: 403, body: { code: 'foreign_origin' } });
  });

  it('forgets what happened on reset, stops redeliveries, and keeps apps and settings', async () => {
    await dingtalk.control('PATCH', '/settings', { redeliveryMs: 40 });
    const peer = await dingtalk.connect();
    await dingtalk.control('POST', '/messages', { from: '0101', clientId: BOT, text: 'hi' });
    await eventually(() => peer.ofTopic(ROBOT_TOPIC)[0]);
    await dingtalk.control('POST', '/reset');
    const pushed = peer.ofTopic(ROBOT_TOPIC).length;
    await dingtalk.control('POST', '/messages', { from: '0101', clientId: BOT, text: 'second' });
    const later = await eventually(
      () =>
        peer.ofTopic(ROBOT_TOPIC).length >= pushed + 3 && peer.ofTopic(ROBOT_TOPIC).slice(pushed),
    );

    expect(later.every(({ data }) => JSON.parse(data).text.content === 'second')).toBe(true);
    expect(await dingtalk.control('GET', '/calls')).toEqual([]);
    expect(await dingtalk.control('GET', '/settings')).toMatchObject({ redeliveryMs: 40 });
  });

  it('C27 pushes a burst of 1000 messages on one connection', async () => {
    const peer = await dingtalk.connect();
    await dingtalk.control('POST', '/messages', {
      from: '0101',
      clientId: BOT,
      text: 'hi',
      copies: 1_000,
    });

    await eventually(() => peer.ofTopic(ROBOT_TOPIC).length === 1_000);
  });

  it('tells the page what changes as server-sent events', async () => {
    const stream = await fetch(`${dingtalk.sandbox.url}/sandbox/stream`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await dingtalk.control('POST', '/messages', { from: '0101', clientId: BOT, text: '你好' });
    let text = '';
    while (!text.includes('你好')) text += (await reader?.read())?.value ?? '';

    expect(text).toContain('event: entry');
    await reader?.cancel();
  });

  it('serves the page, every module it imports, and nothing from elsewhere', async () => {
    const page = await dingtalk.call('GET', '/');
    const wanted = [...page.text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(
      (match) => match[1] ?? '',
    );
    const seen = new Set<string>();
    while (wanted.length > 0) {
      const path = wanted.pop() ?? '';
      if (seen.has(path)) continue;
      seen.add(path);
      const file = await dingtalk.call('GET', `/${path}`);
      expect({ path, status: file.status }).toEqual({ path, status: 200 });
      if (!path.endsWith('.js') || path.startsWith('vendor/')) continue;
      for (const match of file.text.matchAll(/from '\.\/([^']+)'/g)) wanted.push(match[1] ?? '');
    }

    expect([...seen]).toEqual(
      expect.arrayContaining(['main.js', 'vendor/marked.js', 'vendor/highlight.js']),
    );
    expect([...seen].filter((path) => path.includes(':'))).toEqual([]);
  });

  it.each([['/healthz'], ['/readyz'], ['/metrics']])('serves %s', async (path) => {
    expect((await dingtalk.call('GET', path)).status).toBe(200);
  });

  it('answers an unknown API like the platform', async () => {
    expect(await dingtalk.call('POST', '/v1.0/nothing', {})).toMatchObject({
      status: 404,
      body: { code: expect.any(String), requestid: expect.any(String) },
    });
  });
});
