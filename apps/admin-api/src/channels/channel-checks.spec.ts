import { cardCheck, tokenCheck } from './channel-checks';
import type { Probe } from './channel-probe.client';

const aProbe = (given: Partial<Probe> = {}): Probe => ({
  status: 200,
  code: '',
  requiredScopes: [],
  accessToken: null,
  ...given,
});

describe('checks of a channel', () => {
  it.each([
    [aProbe({ accessToken: 't' }), true, 'ok'],
    [aProbe({ status: 400, code: 'invalidClientIdOrSecret' }), false, 'bad_credentials'],
    [aProbe({ status: 401, code: 'authFailed' }), false, 'bad_credentials'],
    [aProbe({ status: 0, code: 'unreachable' }), false, 'unreachable'],
    [aProbe({ status: 500 }), false, 'http_500'],
    [
      aProbe({ status: 403, code: 'Forbidden.AccessDenied.IpNotInWhiteList' }),
      false,
      'ip_not_allowed',
    ],
    [aProbe({ status: 403, code: 'Forbidden.AccessDenied.QpsLimitForApi' }), false, 'throttled'],
  ])('judges the token by %j', (probe, ok, code) => {
    expect(tokenCheck(probe)).toMatchObject({ name: 'token', ok, code });
  });

  it('takes an unknown card for proof that cards may be written', () => {
    const probe = aProbe({ status: 400, code: 'param.stream.outTrackId' });

    expect(cardCheck(probe)).toMatchObject({ name: 'card', ok: true, userAction: null });
  });

  it('names the scope that is missing', () => {
    const code = 'Forbidden.AccessDenied.AccessTokenPermissionDenied';
    const check = cardCheck(aProbe({ status: 403, code, requiredScopes: ['Card.Instance.Write'] }));

    expect(check).toMatchObject({ ok: false, code: 'missing_scope' });
    expect(check.userAction).toContain('Card.Instance.Write');
  });

  it('tries no card without a token', () => {
    expect(cardCheck(null)).toMatchObject({ ok: false, code: 'not_tried' });
  });
});
