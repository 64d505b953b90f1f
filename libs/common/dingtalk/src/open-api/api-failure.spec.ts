import { readAnswer } from '../http/platform-answer';
import { failureOf } from './api-failure';
import type { DingTalkError } from './dingtalk.errors';
import { legacyFailureOf } from './legacy-failure';

const verdict = (status: number, body: unknown, headers = {}): DingTalkError | null =>
  failureOf(
    readAnswer(status, headers, typeof body === 'string' ? body : JSON.stringify(body)),
    '/v1.0/x',
  );
const legacy = (body: unknown, status = 200): DingTalkError | null =>
  legacyFailureOf(
    readAnswer(status, {}, typeof body === 'string' ? body : JSON.stringify(body)),
    'legacy',
  );

const DENIED = 'Forbidden.AccessDenied';

describe('failureOf, the new API', () => {
  it.each([
    ['C64', 403, { code: `${DENIED}.QpsLimitForAppkeyAndApi` }, 'dingtalk_throttled', 'refused'],
    ['C64', 403, { code: `${DENIED}.QpsLimitForApi` }, 'dingtalk_throttled', 'refused'],
    ['C64', 403, { code: `${DENIED}.QpmLimitForAppkeyAndApi` }, 'dingtalk_throttled', 'refused'],
    [
      'C64',
      403,
      { code: `${DENIED}.QpsLimitForSuitekeyAndOrgAndApi` },
      'dingtalk_throttled',
      'refused',
    ],
    ['C64', 429, '', 'dingtalk_throttled', 'refused'],
    ['C64', 400, { code: 'send.too.fast' }, 'dingtalk_throttled', 'refused'],
    ['C64', 400, { code: 'send.byToken.tooFast' }, 'dingtalk_throttled', 'refused'],
    ['C66', 403, { code: `${DENIED}.ApiCountLimitForOrg` }, 'dingtalk_quota', 'refused'],
    ['C67', 200, { status: 1111, wait: 5, source: 'x5' }, 'dingtalk_ip_banned', 'refused'],
    ['C67', 403, { status: 1111, wait: 5, source: 'x5' }, 'dingtalk_ip_banned', 'refused'],
    ['C67', 403, '<html>x5</html>', 'dingtalk_ip_banned', 'refused'],
    ['C67', 200, ' <!DOCTYPE html><html/>', 'dingtalk_ip_banned', 'refused'],
    ['C6', 403, { code: `${DENIED}.IpNotInWhiteList` }, 'dingtalk_ip_not_allowed', 'refused'],
    ['C3', 401, '', 'dingtalk_token_refused', 'not_processed'],
    ['C3', 400, { Code: 'InvalidAuthentication' }, 'dingtalk_token_refused', 'not_processed'],
    ['C62', 400, { code: 'invalidParameter.msgParam.tooLong' }, 'dingtalk_rejected', 'refused'],
    ['C8', 404, '<html>gone</html>', 'dingtalk_rejected', 'refused'],
    ['C64', 302, '', 'dingtalk_rejected', 'refused'],
    ['C64', 500, { code: 'system.error' }, 'dingtalk_unavailable', 'not_processed'],
    ['C64', 500, { code: 'system.busy' }, 'dingtalk_unavailable', 'not_processed'],
    ['C64', 504, '', 'dingtalk_unknown_outcome', 'unknown'],
    ['C64', 504, { code: 'gateway.timeout' }, 'dingtalk_unknown_outcome', 'unknown'],
    ['C8', 502, '<html>bad gateway</html>', 'dingtalk_unknown_outcome', 'unknown'],
    ['C8', 500, '{"code":"system.bu', 'dingtalk_unknown_outcome', 'unknown'],
    ['C8', 200, '<Response><a/></Response>', 'dingtalk_unknown_outcome', 'unknown'],
    ['C8', 200, '{"success":tr', 'dingtalk_unknown_outcome', 'unknown'],
    ['C64', 400, { code: 'unknown.send.result' }, 'dingtalk_unknown_outcome', 'unknown'],
  ])('%s judges %i %j as %s, %s', (_c, status, body, code, outcome) => {
    expect(verdict(status, body)).toMatchObject({ code, outcome });
  });

  it('takes 2xx as success when it says so: nothing at all may mean that nothing was done', () => {
    expect(verdict(200, { success: true })).toBeNull();
    expect(verdict(200, {})).toBeNull();
    expect(verdict(200, '')).toMatchObject({ outcome: 'unknown' });
  });

  it('C5 names the missing permissions', () => {
    const code = `${DENIED}.AccessTokenPermissionDenied`;
    const accessdenieddetail = { requiredScopes: ['Card.Streaming.Write'] };
    for (const body of [
      { code, accessdenieddetail },
      { Code: code, AccessDeniedDetail: accessdenieddetail },
    ])
      expect(verdict(403, body)).toMatchObject({
        code: 'dingtalk_scope_missing',
        requiredScopes: ['Card.Streaming.Write'],
        details: { requiredScopes: ['Card.Streaming.Write'] },
        retry: 'never',
      });
  });

  it('C8 keeps status, code and request id however they are spelled', () => {
    for (const key of ['requestid', 'requestId', 'RequestId'])
      expect(verdict(400, { Code: 'a.b', [key]: '6B0A-1' })).toMatchObject({
        details: { api: '/v1.0/x', status: 400, platformCode: 'a.b', requestId: '6B0A-1' },
      });
    expect(verdict(404, 'null')).toMatchObject({ details: { status: 404, platformCode: null } });
  });

  it('C64 waits as long as the platform says', () => {
    expect(verdict(429, '', { 'retry-after': '7' })?.retry).toEqual({ afterMs: 7_000 });
    expect(verdict(403, { code: `${DENIED}.QpsLimitForApi` })?.retry).toEqual({ afterMs: 1_500 });
    expect(verdict(403, { status: 1111 })?.retry).toEqual({ afterMs: 300_000 });
  });
});

describe('legacyFailureOf', () => {
  it('C7 takes "0" and 0 as success', () => {
    expect(legacy({ errcode: 0, errmsg: 'ok' })).toBeNull();
    expect(legacy({ errcode: '0', errmsg: 'ok' })).toBeNull();
  });

  it.each([
    ['C7', { errcode: 40035, errmsg: 'x' }, 'dingtalk_rejected', '40035'],
    ['C7', { errcode: '310000' }, 'dingtalk_rejected', '310000'],
    ['C64', { errcode: 90018 }, 'dingtalk_throttled', '90018'],
    ['C64', { errcode: 90002 }, 'dingtalk_throttled', '90002'],
    ['C69', { errcode: 410100 }, 'dingtalk_throttled', '410100'],
    ['C69', { errcode: '130101' }, 'dingtalk_throttled', '130101'],
    ['C66', { errcode: 90020 }, 'dingtalk_quota', '90020'],
    ['C66', { errcode: 90030 }, 'dingtalk_quota', '90030'],
    ['C6', { errcode: 60020 }, 'dingtalk_ip_not_allowed', '60020'],
    ['C64', { errcode: -1 }, 'dingtalk_unavailable', '-1'],
    [
      'C64',
      { errcode: 15, sub_code: 'isp.top-remote-connection-timeout' },
      'dingtalk_unknown_outcome',
      '15',
    ],
    ['C67', { status: 1111 }, 'dingtalk_ip_banned', null],
    ['C67', '<html/>', 'dingtalk_ip_banned', null],
    ['C8', '', 'dingtalk_unknown_outcome', null],
    ['C8', '{"errco', 'dingtalk_unknown_outcome', null],
    ['C8', {}, 'dingtalk_unknown_outcome', null],
  ])('%s judges %j as %s', (_c, body, code, platformCode) => {
    expect(legacy(body)).toMatchObject({ code, platformCode });
  });

  it('C64 judges other HTTP statuses as the new API does', () => {
    expect(legacy('', 504)).toMatchObject({ outcome: 'unknown' });
    expect(legacy('', 404)).toMatchObject({ code: 'dingtalk_rejected' });
  });
});
