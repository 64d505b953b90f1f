import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { newId } from '@common/kernel';

import { RunningAdminApi } from './admin-api.fixture';

interface Reported {
  readonly state?: string;
  readonly code?: string;
  readonly message?: string;
  readonly userAction?: string;
  readonly connectedFor?: number;
  /** Seconds since the gateway was last seen. */
  readonly seenAgo?: number;
  readonly lastError?: object;
}

describe('running a channel', () => {
  let api: RunningAdminApi;
  let platform: Server;
  let platformSays: (path: string) => { status: number; body: object };

  beforeAll(async () => {
    platform = createServer((request, response) => {
      const { status, body } = platformSays(String(request.url));
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
    const { port } = platform.address() as AddressInfo;
    api = await RunningAdminApi.start({ DINGTALK_API_URL: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await api.stop();
    platform.closeAllConnections();
    platform.close();
  });

  async function report(channelId: string, given: Reported): Promise<string> {
    const gateway = newId();
    const { state = 'connected', code = state, message = `It is ${state}.` } = given;
    await api.sql(
      `INSERT INTO incarnation (id, service, host, pid, seen_at)
        VALUES ($1, 'gateway', 'here', 1, now() - make_interval(secs => $2))`,
      [gateway, given.seenAgo ?? 0],
    );
    await api.sql(
      `INSERT INTO channel_connection
          (tenant_id, channel_id, gateway_id, state, code, message, user_action, connected_at, last_error)
        SELECT tenant_id, id, $2, $3, $4, $5, $6, now() - make_interval(secs => $7), $8 FROM channel WHERE id = $1`,
      [
        channelId,
        gateway,
        state,
        code,
        message,
        given.userAction ?? null,
        given.connectedFor ?? null,
        given.lastError ? JSON.stringify(given.lastError) : null,
      ],
    );
    return gateway;
  }

  const statusOf = async (id: string) => (await api.get(`/channels/${id}/status`)).body;

  it('says what a live gateway says', async () => {
    const { id } = await api.channel();
    const gateway = await report(id, { connectedFor: 90 });

    const status = await statusOf(id);

    expect(status).toMatchObject({
      state: 'connected',
      code: 'connected',
      message: 'It is connected.',
      userAction: null,
      lastError: null,
      allowance: {},
      connections: [{ gatewayId: gateway, since: status.connectedAt }],
    });
    expect(status.uptimeSeconds).toBeGreaterThanOrEqual(90);
    expect(status.uptimeSeconds).toBeLessThan(120);
    expect(Date.now() - Date.parse(status.asOf)).toBeLessThan(5_000);
  });

  it('calls a channel disconnected when its gateway is silent for four seconds', async () => {
    const { id } = await api.channel();
    expect(await statusOf(id)).toMatchObject({ state: 'disconnected', code: 'gateway_silent' });

    await report(id, { connectedFor: 90, seenAgo: 5 });

    expect(await statusOf(id)).toMatchObject({
      state: 'disconnected',
      code: 'gateway_silent',
      connectedAt: null,
      uptimeSeconds: null,
      connections: [],
      userAction: expect.stringMatching(/gateway/),
    });
  });

  it('does not believe a gateway that has stopped', async () => {
    const { id } = await api.channel();
    const gateway = await report(id, { connectedFor: 9 });
    await api.sql('UPDATE incarnation SET stopped_at = now() WHERE id = $1', [gateway]);

    expect(await statusOf(id)).toMatchObject({ code: 'gateway_silent' });
  });

  it('takes the best word of several gateways, and shows the latest error', async () => {
    const { id } = await api.channel();
    const lastError = { code: 'socket_closed', message: 'It broke.', atMs: Date.now() - 60_000 };
    await report(id, { state: 'connecting', lastError });
    const best = await report(id, { state: 'connected', connectedFor: 3 });
    await report(id, { state: 'bad_credentials' });

    const status = await statusOf(id);

    expect(status).toMatchObject({ state: 'connected', lastError: { code: 'socket_closed' } });
    expect(status.connections.map((one: { gatewayId: string }) => one.gatewayId)).toEqual([best]);
    expect(status.lastError.at).toBe(new Date(lastError.atMs).toISOString());
  });

  it('passes on what a gateway says of bad credentials', async () => {
    const { id } = await api.channel();
    await report(id, { state: 'bad_credentials', code: 'auth_failed', userAction: 'Copy again.' });

    expect(await statusOf(id)).toMatchObject({
      state: 'bad_credentials',
      code: 'auth_failed',
      userAction: 'Copy again.',
      connectedAt: null,
      connections: [],
    });
  });

  const note = (id: string, code: string, until: string | null) =>
    api.sql(
      `INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
        SELECT tenant_id, id, $2, 'Cards need a permission.', 'Grant it.', $3 FROM channel WHERE id = $1`,
      [id, code, until],
    );

  it.each([
    ['restarted', (id: string) => api.post(`/channels/${id}/restart`)],
    ['saved', (id: string) => api.patch(`/channels/${id}`, { name: 'the same' })],
  ])(
    'lets a channel that is %s try its cards again, and forgets no other notice',
    async (_what, act) => {
      const { id } = await api.channel();
      await report(id, { connectedFor: 9 });
      await note(id, 'card_permission_missing', null);

      await act(id);
      expect(await statusOf(id)).toMatchObject({ state: 'connected' });

      await note(id, 'quota_exhausted', null);
      await act(id);
      expect(await statusOf(id)).toMatchObject({ state: 'degraded', code: 'quota_exhausted' });
    },
  );

  it('calls a connected channel degraded while a notice holds', async () => {
    const { id } = await api.channel();
    await report(id, { connectedFor: 9 });

    await note(id, 'over', '2020-01-01');
    expect(await statusOf(id)).toMatchObject({ state: 'connected' });
    await note(id, 'card_permission_missing', null);

    expect(await statusOf(id)).toMatchObject({
      state: 'degraded',
      code: 'card_permission_missing',
      message: 'Cards need a permission.',
      userAction: 'Grant it.',
      connections: [{}],
    });
  });

  it('switches a channel off and on, and says so to the gateways', async () => {
    const { id } = await api.channel();
    await report(id, { connectedFor: 9 });
    const heard = await api.listen();

    const off = await api.post(`/channels/${id}/disable`);
    const on = await api.post(`/channels/${id}/enable`);

    expect([off.status, off.body.state]).toEqual([200, 'disabled']);
    expect([on.status, on.body.state]).toEqual([200, 'connected']);
    expect(heard).toEqual([
      { pattern: 'channel.changed', data: { channelId: id } },
      { pattern: 'channel.changed', data: { channelId: id } },
    ]);
    expect((await api.get(`/channels/${id}`)).body.enabled).toBe(true);
  });

  describe('test', () => {
    const scopes = {
      status: 403,
      body: {
        code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
        accessdenieddetail: { requiredScopes: ['Card.Streaming.Write'] },
      },
    };
    const made = { status: 200, body: { success: true, result: 'probe' } };
    const noTemplate = { status: 400, body: { code: 'param.templateUnpublished' } };
    const noSuchCard = { status: 400, body: { code: 'param.stream.outTrackId' } };
    const token = { status: 200, body: { accessToken: 'planted-access-token', expireIn: 7200 } };
    const run = async (id: string, given: object = {}) => {
      const { body, text } = await api.post(`/channels/${id}/test`, given);
      expect(text).not.toContain('planted');
      return Object.fromEntries(body.checks.map((one: { name: string }) => [one.name, one]));
    };

    it('finds everything in order', async () => {
      platformSays = (path) =>
        path.includes('accessToken') ? token : path.includes('streaming') ? noSuchCard : made;
      const { id } = await api.channel();
      await report(id, { connectedFor: 1 });

      expect(await run(id)).toMatchObject({
        stream: { ok: true },
        token: { ok: true, code: 'ok' },
        scopes: { ok: true, code: 'ok' },
        template: { ok: true, code: 'ok' },
      });
    });

    it('names the permission that is missing', async () => {
      platformSays = (path) => (path.includes('accessToken') ? token : scopes);
      const { id } = await api.channel();

      const { scopes: check } = await run(id);

      expect(check).toMatchObject({ ok: false, code: 'missing_scope' });
      expect(check.userAction).toContain('Card.Streaming.Write');
    });

    it('tells refused credentials, and does not try cards then', async () => {
      platformSays = () => ({ status: 400, body: { code: 'invalidClientIdOrSecret' } });
      const { id } = await api.channel();

      expect(await run(id)).toMatchObject({
        stream: { ok: false, code: 'gateway_silent' },
        token: { ok: false, code: 'bad_credentials' },
        scopes: { ok: false, code: 'not_tried' },
        template: { ok: false, code: 'not_tried' },
      });
    });

    it('tells a template that is not published', async () => {
      platformSays = (path) =>
        path.includes('accessToken') ? token : path.includes('streaming') ? noSuchCard : noTemplate;
      const { id } = await api.channel({ card: { enabled: true, templateId: 'own.schema' } });

      expect(await run(id)).toMatchObject({
        scopes: { ok: true },
        template: { ok: false, code: 'card_template_unusable' },
      });
    });

    it('shows a card to the tester who was named, and ends it', async () => {
      const paths: string[] = [];
      platformSays = (path) => {
        paths.push(path);
        return path.includes('accessToken') ? token : made;
      };
      const { id } = await api.channel();

      expect(await run(id, { testerStaffId: 'staff-1' })).toMatchObject({
        card: { ok: true, code: 'ok' },
      });
      expect(paths.slice(-3)).toEqual([
        '/v1.0/card/instances/createAndDeliver',
        '/v1.0/card/streaming',
        '/v1.0/card/instances',
      ]);
    });

    it('tells a card that reached nobody', async () => {
      const deliverResults = [{ success: false, errorMsg: 'user not in organisation' }];
      platformSays = (path) =>
        path.includes('accessToken')
          ? token
          : { status: 200, body: { result: { deliverResults } } };
      const { id } = await api.channel();

      const { card } = await run(id, { testerStaffId: 'stranger' });

      expect(card).toMatchObject({ ok: false, code: 'card_not_delivered' });
      expect(card.userAction).toContain('staff id');
    });

    it('shows no card without a token, and takes no other input', async () => {
      platformSays = () => ({ status: 400, body: { code: 'invalidClientIdOrSecret' } });
      const { id } = await api.channel();

      expect(await run(id, { testerStaffId: 'staff-1' })).toMatchObject({
        card: { ok: false, code: 'not_tried' },
      });
      expect((await api.post(`/channels/${id}/test`, { tester: 'x' })).status).toBe(400);
    });

    it('leaves cards alone where they are switched off', async () => {
      platformSays = () => token;
      const { id } = await api.channel({ card: { enabled: false } });

      expect(Object.keys(await run(id))).toEqual(['stream', 'token']);
    });
  });
});
