/** What kept a request from an answer. */
export type NetworkFaultKind =
  'refused' | 'not_allowed' | 'not_found' | 'tls' | 'timeout' | 'aborted' | 'reset' | 'other';

export interface NetworkFault {
  readonly kind: NetworkFaultKind;
  /** True when no byte of the request can have reached the server: certainly not processed. */
  readonly neverSent: boolean;
  /** The errno-like code for operators; never a URL. */
  readonly code: string;
}

/** Codes of Node and undici that mean the connection never came about. */
const BEFORE_SENDING: ReadonlyMap<string, NetworkFaultKind> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['ENETUNREACH', 'refused'],
  ['EADDRNOTAVAIL', 'refused'],
  ['outbound_refused', 'not_allowed'],
  ['ENOTFOUND', 'not_found'],
  ['EAI_AGAIN', 'not_found'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
]);
const TIMEOUTS: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const RESETS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
/** Families of codes that OpenSSL and Node give to a failed handshake or certificate. */
const TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/;

/** Judges an error of undici, `ws` or `net` by its code; their messages may hold URLs and are never passed on. */
export function networkFault(error: unknown): NetworkFault {
  const code = codeIn(error);
  const before = BEFORE_SENDING.get(code);
  if (before) return { kind: before, neverSent: true, code };
  if (TLS.test(code)) return { kind: 'tls', neverSent: true, code };
  if (TIMEOUTS.has(code)) return { kind: 'timeout', neverSent: false, code };
  if (RESETS.has(code)) return { kind: 'reset', neverSent: false, code };
  if (code === 'AbortError' || code === 'UND_ERR_ABORTED')
    return { kind: 'aborted', neverSent: false, code };
  return { kind: 'other', neverSent: false, code };
}

interface ErrorLike {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** `localhost` has two addresses: Node then wraps both refusals in an AggregateError. */
function codeIn(error: unknown, depth = 0): string {
  if (error === null || typeof error !== 'object' || depth > 3) return 'unknown';
  const { code, name, cause, errors } = error as ErrorLike;
  if (typeof code === 'string' && /^\w{1,64}$/.test(code)) return code;
  if (Array.isArray(errors) && errors.length > 0) return codeIn(errors[0], depth + 1);
  if (name === 'Error' && cause !== undefined) return codeIn(cause, depth + 1);
  return typeof name === 'string' ? name : 'unknown';
}
