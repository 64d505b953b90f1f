import { type Report, statusOfChannel } from './status-of-channel';

const now = new Date('2026-11-20T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000);

const aReport = (given: Partial<Report> = {}): Report => ({
  gateway_id: '0190a000-0000-7000-8000-000000000001',
  state: 'connected',
  code: given.state ?? 'connected',
  message: 'It is so.',
  user_action: null,
  connected_at: ago(60),
  last_error: null,
  changed_at: ago(60),
  seen_at: ago(1),
  is_live: true,
  ...given,
});
const nothingPending = { pending_since: null, pending_tries: 0, pending_error: null };
const quiet = {
  lastMessageAt: null,
  lastAnswerAt: null,
  refusedStreamSince: null,
  allowance: null,
};
const statusOf = (reports: Report[], enabled = true) =>
  statusOfChannel({ ...quiet, ...nothingPending, enabled, reports, notices: [], now });

describe('statusOfChannel', () => {
  it('is as old as the last word of the gateway that reports', () => {
    expect(statusOf([aReport()])).toMatchObject({
      state: 'connected',
      uptimeSeconds: 60,
      asOf: ago(1).toISOString(),
    });
  });

  it('believes no gateway that is not seen', () => {
    expect(statusOf([aReport({ is_live: false })])).toMatchObject({
      state: 'disconnected',
      code: 'gateway_silent',
      connections: [],
      asOf: now.toISOString(),
    });
  });

  it('is disabled whatever gateways say, and shows what still is open', () => {
    const status = statusOf([aReport()], false);

    expect(status).toMatchObject({ state: 'disabled', code: 'disabled', connectedAt: null });
    expect(status.connections).toHaveLength(1);
  });

  it('lets one connected gateway outweigh any other word', () => {
    const states = ['bad_credentials', 'connecting', 'connected', 'misconfigured'] as const;
    const reports = states.map((state) => aReport({ state, code: state }));

    expect(statusOf(reports).state).toBe('connected');
    expect(statusOf(reports.filter(({ state }) => state !== 'connected')).state).toBe('connecting');
  });

  it.each([
    ['not_in_stream_mode', 30, 60, 'connected', 'http_callbacks'],
    ['not_in_stream_mode', 60, 30, 'misconfigured', 'not_in_stream_mode'],
    ['not_in_stream_mode', null, 60, 'misconfigured', 'not_in_stream_mode'],
    ['not_published', 30, 60, 'misconfigured', 'not_published'],
  ])(
    'P9 %s, last message %s s ago, refused for %s s: %s, %s',
    (code, messageAgo, refusedAgo, state, shown) => {
      const status = statusOfChannel({
        ...{ ...quiet, ...nothingPending, enabled: true, notices: [], now },
        reports: [aReport({ state: 'misconfigured', code, connected_at: null })],
        lastMessageAt: messageAgo === null ? null : ago(messageAgo),
        refusedStreamSince: ago(refusedAgo),
      });
      expect(status).toMatchObject({ state, code: shown, connectedAt: null, connections: [] });
    },
  );

  it('lets a notice speak for a connected channel only', () => {
    const notices = [{ code: 'quota', message: 'Used up.', user_action: 'Buy.', at: ago(5) }];
    const of = (report: Report) =>
      statusOfChannel({
        ...quiet,
        ...nothingPending,
        enabled: true,
        reports: [report],
        notices,
        now,
      });

    expect(of(aReport())).toMatchObject({ state: 'degraded', code: 'quota', uptimeSeconds: 60 });
    expect(of(aReport({ state: 'bad_credentials', code: 'auth_failed' }))).toMatchObject({
      state: 'bad_credentials',
      code: 'auth_failed',
    });
  });

  it.each([
    ['an allowance that runs low', 'allowance_low'],
    ['a refused reaction', 'reaction_refused'],
  ])('takes %s for a warning, not a fault', (_what, code) => {
    const notices = [{ code, message: '80 %', user_action: null, at: ago(5) }];
    const reports = [aReport()];
    const facts = { ...quiet, ...nothingPending, enabled: true, reports, notices, now };
    expect(statusOfChannel(facts)).toMatchObject({ state: 'connected', allowance: {} });
  });

  it('says that a new secret is being tried, and what went wrong with it', () => {
    const error = { code: 'auth_failed', message: 'Refused.', at: ago(2).toISOString() };
    const facts = { ...quiet, enabled: true, reports: [aReport()], notices: [], now };
    const pending = { pending_since: ago(9), pending_tries: 2, pending_error: error };

    expect(statusOfChannel({ ...facts, ...pending }).pendingSecret).toEqual({
      since: ago(9).toISOString(),
      tries: 2,
      lastError: error,
    });
    expect(statusOfChannel({ ...facts, ...nothingPending }).pendingSecret).toBeNull();
  });

  it('remembers the error of a gateway that is gone', () => {
    const last_error = { code: 'socket_closed', message: 'It broke.', atMs: ago(9).getTime() };

    expect(statusOf([aReport({ is_live: false, last_error })]).lastError).toEqual({
      code: 'socket_closed',
      message: 'It broke.',
      at: ago(9).toISOString(),
    });
  });
});
