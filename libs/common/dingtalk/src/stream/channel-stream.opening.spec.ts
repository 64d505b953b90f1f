import { Secret } from '@common/config';
import { MockAgent } from 'undici';

import { answerWith, FakeGateway, until } from './fake-gateway.fixture';
import { StreamEndpoint } from './stream-endpoint.client';
import { StreamHarness } from './stream-harness.fixture';

const t = new StreamHarness();
beforeEach(() => t.setUp());
afterEach(() => t.tearDown());

describe('ChannelStream, opening', () => {
  it('C10 C12 subscribes to events, messages and card actions, and brings the exact ticket', async () => {
    t.aStream();
    await t.connected();
    expect(t.gateway.acceptHeaders).toEqual(['application/json']);
    expect(t.gateway.opens[0]).toMatchObject({
      clientId: 'ding1',
      clientSecret: 's3cret',
      subscriptions: [
        { type: 'EVENT', topic: '*' },
        { type: 'CALLBACK', topic: '/v1.0/im/bot/messages/get' },
        { type: 'CALLBACK', topic: '/v1.0/card/instances/callback' },
      ],
    });
    expect(t.gateway.tickets).toEqual(['t+/=&1']);
    expect(t.reports.map(({ state }) => state)).toEqual(['connecting', 'connected']);
    expect(t.stream?.report.connectedAtMs).toBe(t.clock.now());
  });

  it('C11 asks for a new ticket after a refused handshake', async () => {
    t.gateway.answerUpgrade = (socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    t.aStream();
    await until(() => t.stream?.report.code === 'handshake_refused');
    t.gateway.answerUpgrade = null;
    await t.untilOpens(2);
    await t.connected();
    expect(t.gateway.tickets).toEqual(['t+/=&1', 't+/=&2']);
  });

  it.each([
    ['C13', 401, '{"code":"authFailed","message":"鉴权失败"}', 'bad_credentials', 'auth_failed'],
    ['C13', 400, '{"code":"invalidClientIdOrSecret"}', 'bad_credentials', 'auth_failed'],
    [
      'C15',
      400,
      '{"code":"x","message":"未开启Stream模式"}',
      'misconfigured',
      'not_in_stream_mode',
    ],
    ['C15', 400, '{"code":"app.notPublished"}', 'misconfigured', 'not_published'],
    ['C15', 400, '', 'misconfigured', 'open_rejected'],
    [
      'C6',
      403,
      '{"Code":"Forbidden.AccessDenied.IpNotInWhiteList"}',
      'misconfigured',
      'ip_not_allowed',
    ],
    ['C67', 403, '{"status":1111,"wait":5,"punish":"deny"}', 'disconnected', 'ip_banned'],
    ['C67', 200, '{"status":1111,"wait":5,"punish":"deny"}', 'disconnected', 'ip_banned'],
    ['C67', 403, '<html>denied</html>', 'disconnected', 'ip_banned'],
    ['C15', 503, '', 'disconnected', 'platform_unavailable'],
    ['C14', 200, '', 'disconnected', 'unusable_answer'],
    ['C15', 200, '{}', 'disconnected', 'unusable_answer'],
    ['C15', 200, '<?xml version="1.0"?><r/>', 'disconnected', 'unusable_answer'],
    ['C15', 200, '{"endpoint":"no url","ticket":"t"}', 'disconnected', 'unusable_answer'],
    [
      'C15',
      400,
      '<html>plain HTTP request was sent to HTTPS port</html>',
      'disconnected',
      'unusable_answer',
    ],
    ['C15', 200, '{"endpoint":"ftp://x/","ticket":"t"}', 'misconfigured', 'insecure_endpoint'],
    ['C15', 429, '{}', 'disconnected', 'throttled'],
    ['C15', 403, '{"code":"Forbidden.AccessDenied.QpsLimitForApi"}', 'disconnected', 'throttled'],
  ])('%s knows %i %s as %s %s', async (_c, status, body, state, code) => {
    t.gateway.answerOpen = answerWith(status, body, 'text/plain');
    t.aStream();
    await until(() => t.stream?.report.code === code, `${code}, not ${t.stream?.report.code}`);
    expect(t.stream?.report).toMatchObject({ state, connectedAtMs: null, lastError: { code } });
    expect(t.stream?.report.userAction).toMatch(/\.$/);
    expect(t.faults).toEqual([]);
  });

  it.each([
    [
      'a reset',
      'connection_reset',
      () => (t.gateway.answerOpen = (r) => void r.socket?.resetAndDestroy()),
    ],
    ['a hanging answer', 'open_timeout', () => (t.gateway.answerOpen = () => undefined)],
  ])('C15 knows %s as %s', async (_name, code, arrange) => {
    arrange();
    t.aStream({ openTimeoutMs: 50 });
    await until(() => t.stream?.report.code === code, code);
  });

  it('C15 knows a refused connection and an unknown host', async () => {
    t.aStream({ apiUrl: 'http://127.0.0.1:1' });
    await until(() => t.stream?.report.code === 'connection_refused');
    await t.stream?.stop();
    t.aStream({ apiUrl: 'http://nobody.invalid' });
    await until(() => t.stream?.report.code === 'host_not_found');
  });

  it('C15 knows a failed TLS handshake', async () => {
    t.aStream({ apiUrl: t.gateway.url.replace('http:', 'https:') });
    await until(() => t.stream?.report.code === 'tls_failed', 'tls_failed');
  });

  it('C18 goes where the answer says, each time anew', async () => {
    const other = await new FakeGateway().listen();
    t.aStream();
    await t.connected();
    const endpoint = `${other.url.replace('http', 'ws')}/elsewhere?region=2`;
    t.gateway.answerOpen = answerWith(200, JSON.stringify({ endpoint, ticket: 'a+b' }));
    t.clock.advance(5_000);
    t.gateway.socket.terminate();
    await until(() => {
      t.clock.advance(50);
      return other.sockets.length === 1;
    });
    await t.connected();
    expect(other.tickets).toEqual(['a+b']);
    other.socket.close(1000);
    await until(() => !t.isConnected);
    await other.close();
  });

  it('C16 gives up a handshake that nobody answers', async () => {
    t.gateway.answerUpgrade = () => undefined;
    t.aStream({ handshakeTimeoutMs: 5_000 });
    await until(() => t.gateway.tickets.length === 1);
    t.clock.advance(5_000);
    await until(() => t.stream?.report.code === 'handshake_timeout');
  });

  it('C103 refuses a plain connection where the API itself is encrypted', async () => {
    // An https URL answered by hand: what matters is the scheme the operator configured.
    const dispatcher = new MockAgent();
    dispatcher.disableNetConnect();
    dispatcher
      .get('https://api.example')
      .intercept({ path: '/v1.0/gateway/connections/open', method: 'POST' })
      .reply(200, { endpoint: 'ws://plain.example/connect', ticket: 't' });
    const endpoint = new StreamEndpoint({
      apiUrl: 'https://api.example/',
      clientId: 'a',
      clientSecret: new Secret('b'),
      timeoutMs: 1_000,
      dispatcher,
    });
    await expect(endpoint.fetch(new AbortController().signal)).rejects.toMatchObject({
      code: 'insecure_endpoint',
    });
  });

  it('C13 asks again after wrong credentials no sooner than a minute later', async () => {
    t.gateway.answerOpen = answerWith(401, '{"code":"authFailed"}');
    t.aStream({ random: () => 0 });
    await until(() => t.stream?.report.state === 'bad_credentials');
    t.clock.advance(59_000);
    expect(t.clock.sleepers.size).toBe(1);
    t.gateway.answerOpen = null;
    t.clock.advance(1_000);
    await t.connected();
    expect(t.gateway.opens).toHaveLength(2);
  });

  it.each([0, 0.1, 1])(
    'C15 opens at most eight times in the first minute of trouble (dice %d)',
    async (dice) => {
      t.gateway.answerOpen = answerWith(503, '');
      t.aStream({ random: () => dice });
      const startMs = t.clock.now();
      let seen = 0;
      while (t.clock.now() - startMs < 59_000) {
        // Every step waits until the attempt of this second, if there is one, has failed.
        await until(() => t.clock.sleepers.size > 0 && t.reports.length > t.gateway.opens.length);
        seen = t.gateway.opens.length;
        t.clock.advance(1_000);
      }
      expect(seen).toBeLessThanOrEqual(8);
      expect(seen).toBeGreaterThan(3);
    },
  );
});
