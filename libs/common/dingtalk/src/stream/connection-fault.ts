import { AppError, type Retry } from '@common/kernel';
import type { ChannelState } from '@common/domain';

/** Why a channel is not connected, in words for machines and people. */
export interface ConnectionFault {
  readonly state: ChannelState;
  /** Stable: dashboards and REST clients match on it. */
  readonly code: string;
  readonly message: string;
  /** What the administrator can do; null when waiting is enough. */
  readonly userAction: string | null;
  /** Shortest wait before the next attempt in ms; unset: exponential back-off with jitter. */
  readonly atLeastMs?: number;
}

const MINUTE_MS = 60_000;
const NOTHING_TO_DO =
  'Nothing needs to be done; Carillon reconnects by itself. If this lasts, look at the network between Carillon and DingTalk.';

const transient = (code: string, message: string, userAction = NOTHING_TO_DO): ConnectionFault => ({
  state: 'disconnected',
  code,
  message,
  userAction,
});
/** Faults that only an administrator can end: asked again once a minute, so that the cure shows soon. */
const misconfigured = (code: string, message: string, userAction: string): ConnectionFault => ({
  state: 'misconfigured',
  code,
  message,
  userAction,
  atLeastMs: MINUTE_MS,
});

/** Every way in which a connection can fail, by name. Texts are constants: no secret can get into them. */
export const connectionFaults = {
  authFailed: {
    state: 'bad_credentials',
    code: 'auth_failed',
    message: 'DingTalk does not accept the client id and client secret of this channel.',
    userAction:
      'Copy the client id and client secret once more from the credentials page of the app on the DingTalk developer console, without blanks around them.',
    atLeastMs: MINUTE_MS,
  },
  notInStreamMode: misconfigured(
    'not_in_stream_mode',
    'The robot of this app does not receive its messages in Stream mode.',
    'On the DingTalk developer console set the message receiving mode of the robot to Stream and publish a new version of the app.',
  ),
  notPublished: misconfigured(
    'not_published',
    'The app or its robot is not published.',
    'On the DingTalk developer console create a version of the app and publish it.',
  ),
  openRejected: misconfigured(
    'open_rejected',
    'DingTalk refuses to open a Stream connection for this app.',
    'On the DingTalk developer console check that the app is enabled and published, that its robot is in Stream mode, and that the credentials have no blanks around them.',
  ),
  ipNotAllowed: misconfigured(
    'ip_not_allowed',
    'The address of this server is not on the IP whitelist of the app.',
    'Add the public egress address of Carillon to the IP whitelist of the app on the DingTalk developer console.',
  ),
  ipBanned: {
    ...transient(
      'ip_banned',
      'DingTalk has banned the address of this server for five minutes because of too many calls.',
      'Wait five minutes; if it comes back, lower the number of calls that leave through this address.',
    ),
    atLeastMs: 5 * MINUTE_MS,
  },
  throttled: {
    ...transient('throttled', 'DingTalk asks this app to open connections less often.'),
    atLeastMs: 5_000,
  },
  quotaUsedUp: {
    ...transient(
      'quota_used_up',
      'The monthly allowance of the organisation at DingTalk is used up.',
      'Buy a further allowance in the DingTalk admin console, or wait for the next month.',
    ),
    atLeastMs: 5 * MINUTE_MS,
  },
  platformUnavailable: transient(
    'platform_unavailable',
    'DingTalk answers with a server error when a connection is opened.',
  ),
  unusableAnswer: transient(
    'unusable_answer',
    'The answer to the request for a connection is not usable.',
    'Check that DINGTALK_API_URL is right and that no proxy stands in between; otherwise nothing needs to be done.',
  ),
  insecureEndpoint: misconfigured(
    'insecure_endpoint',
    'DingTalk named an address for the connection that is not encrypted or no WebSocket address.',
    'Check that DINGTALK_API_URL is right and that no proxy stands in between.',
  ),
  addressRefused: misconfigured(
    'address_refused',
    'The endpoint of this channel leads to an address that is not public.',
    'Set endpoint to public addresses, or let the operator set it with a platform key.',
  ),
  openTimeout: transient(
    'open_timeout',
    'DingTalk did not answer the request for a connection in time.',
  ),
  refused: transient(
    'connection_refused',
    'The DingTalk host does not accept connections.',
    'Check DINGTALK_API_URL and that the firewall allows outgoing connections to port 443.',
  ),
  hostNotFound: transient(
    'host_not_found',
    'The name of the DingTalk host cannot be resolved.',
    'Check DINGTALK_API_URL and the DNS of this machine.',
  ),
  tlsFailed: transient(
    'tls_failed',
    'The encrypted connection to DingTalk could not be established.',
    'Check the clock of this machine and its certificates; a private CA is given by NODE_EXTRA_CA_CERTS.',
  ),
  reset: transient(
    'connection_reset',
    'The network broke off while a connection was being opened.',
  ),
  handshakeRefused: transient(
    'handshake_refused',
    'The Stream host refused the WebSocket handshake.',
  ),
  handshakeTimeout: transient(
    'handshake_timeout',
    'The Stream host did not answer the WebSocket handshake.',
  ),
  lost: transient('connection_lost', 'The connection to DingTalk broke off.'),
  closed: transient('connection_closed', 'DingTalk closed the connection.'),
  droppedRepeatedly: transient(
    'dropped_repeatedly',
    'DingTalk accepts connections of this app and drops them again within a minute, several times in a row.',
    'Check on the DingTalk developer console that the app is enabled, and that nobody else runs a Stream client with the same client id.',
  ),
  noHeartbeat: transient(
    'no_heartbeat',
    'DingTalk no longer answered on the connection, so it was given up.',
  ),
  protocolError: transient(
    'protocol_error',
    'DingTalk sent something that is no valid WebSocket frame or is too large.',
  ),
} as const satisfies Record<string, ConnectionFault>;

/** Opening failed. Carries the fault; the cause is left out on purpose, for it may hold a ticket or a secret. */
export class StreamOpenError extends AppError {
  readonly code: string;
  readonly retry: Retry;

  constructor(
    readonly fault: ConnectionFault,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(fault.message, { details });
    this.code = fault.code;
    this.retry = fault.atLeastMs === undefined ? 'backoff' : { afterMs: fault.atLeastMs };
  }
}
