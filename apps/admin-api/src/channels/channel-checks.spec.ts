import {
  CardNotExistError,
  CardTemplateError,
  DingTalkCredentialsError,
  DingTalkIpNotAllowedError,
  DingTalkScopeMissingError,
  DingTalkThrottledError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
} from '@common/dingtalk';

import { scopesCheck, templateCheck, tokenCheck } from './channel-checks';

const call = { api: '/v1.0/x', status: 400 };
const noCard = new CardNotExistError(call);

describe('checks of a channel', () => {
  it.each([
    [null, true, 'ok'],
    [new DingTalkCredentialsError(call), false, 'bad_credentials'],
    [new DingTalkIpNotAllowedError(call), false, 'ip_not_allowed'],
    [new DingTalkThrottledError(call, 1), false, 'throttled'],
    [new DingTalkUnknownOutcomeError({ api: '/x', status: null }), false, 'unreachable'],
    [new DingTalkUnavailableError({ api: '/x', status: 503 }), false, 'dingtalk_unavailable'],
    [new TypeError('bug'), false, 'unreachable'],
  ])('judges the token by %p', (trial, ok, code) => {
    expect(tokenCheck(trial)).toMatchObject({ name: 'token', ok, code });
  });

  it('takes an unknown card for proof that cards may be streamed', () => {
    expect(scopesCheck({ card: null, frame: noCard })).toMatchObject({
      ok: true,
      userAction: null,
    });
  });

  it('names the scope that is missing, whichever call lacks it', () => {
    const missing = new DingTalkScopeMissingError(call, ['Card.Streaming.Write']);

    const check = scopesCheck({ card: new DingTalkUnavailableError(call), frame: missing });

    expect(check).toMatchObject({ name: 'scopes', ok: false, code: 'missing_scope' });
    expect(check.userAction).toContain('Card.Streaming.Write');
  });

  it('tells a template that cannot be used from a permission that is missing', () => {
    const card = new CardTemplateError(call);

    expect(templateCheck(card)).toMatchObject({ ok: false, code: 'card_template_unusable' });
    expect(scopesCheck({ card, frame: noCard })).toMatchObject({ ok: true });
    expect(templateCheck(null)).toMatchObject({ ok: true });
  });

  it('tries nothing without a token', () => {
    expect(scopesCheck(null)).toMatchObject({ ok: false, code: 'not_tried' });
    expect(templateCheck(undefined)).toMatchObject({ ok: false, code: 'not_tried' });
  });
});
