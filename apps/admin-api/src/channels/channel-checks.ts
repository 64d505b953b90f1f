import type { ChannelCheck, ChannelStatus } from './channel-status.dto';
import type { Probe } from './channel-probe.client';

type Said = Omit<ChannelCheck, 'name'>;

const fine = (message: string): Said => ({ ok: true, code: 'ok', message, userAction: null });
const wrong = (code: string, message: string, userAction: string): Said => ({
  ok: false,
  code,
  message,
  userAction,
});

/** The connection, as its status has it. */
export function streamCheck({ state, code, message, userAction }: ChannelStatus): ChannelCheck {
  return { name: 'stream', ok: state === 'connected', code, message, userAction };
}

/** Whether the app's credentials are good (messaging reference §1.6). */
export function tokenCheck(probe: Probe): ChannelCheck {
  return { name: 'token', ...(commonFault(probe) ?? tokenVerdict(probe)) };
}

/** Whether answers can be shown as streaming cards; null: it could not be tried. */
export function cardCheck(probe: Probe | null): ChannelCheck {
  if (!probe)
    return {
      name: 'card',
      ...wrong('not_tried', 'Cards were not tried: there is no token.', 'Solve that first.'),
    };
  return { name: 'card', ...(commonFault(probe) ?? cardVerdict(probe)) };
}

function tokenVerdict({ status, code, accessToken }: Probe): Said {
  if (status === 200 && accessToken !== null) return fine('The credentials are good.');
  if (status === 400 || status === 401)
    return wrong(
      'bad_credentials',
      'DingTalk refuses the client id or the client secret.',
      'Copy both again from the developer console.',
    );
  return wrong(code || `http_${status}`, 'DingTalk gives no access token.', 'Try again later.');
}

function cardVerdict({ status, code, requiredScopes }: Probe): Said {
  // There is no such card, and that is all that was wrong (C83).
  if (status === 200 || code === 'param.stream.outTrackId' || code === 'param.cardNotExist')
    return fine('Cards may be written.');
  if (code === 'Forbidden.AccessDenied.AccessTokenPermissionDenied') {
    const scopes = requiredScopes.join(', ') || 'Card.Streaming.Write';
    return wrong(
      'missing_scope',
      `The app lacks the permission ${scopes}.`,
      `Grant ${scopes} to the app in the developer console.`,
    );
  }
  return wrong(code || `http_${status}`, 'DingTalk refuses to write cards.', 'Try again later.');
}

function commonFault({ status, code }: Probe): Said | null {
  if (status === 0)
    return wrong(
      'unreachable',
      'DingTalk cannot be reached from here.',
      'Check the network, and DINGTALK_API_URL.',
    );
  if (code === 'Forbidden.AccessDenied.IpNotInWhiteList')
    return wrong(
      'ip_not_allowed',
      'The app does not allow calls from our address.',
      'Add the egress address to the app’s IP allow list.',
    );
  if (code.startsWith('Forbidden.AccessDenied.Qp') || status === 429)
    return wrong('throttled', 'DingTalk throttles this app now.', 'Try again in a minute.');
  return null;
}
