import type { Secret } from '@common/config';
import { type Dispatcher, getGlobalDispatcher, request } from 'undici';

import { Deadline } from '../http/deadline';
import { networkFault, type NetworkFaultKind } from '../http/network-fault';
import { isIpBan, type PlatformAnswer, readAnswer } from '../http/platform-answer';
import { readBounded } from '../http/read-bounded';
import { type ConnectionFault, connectionFaults, StreamOpenError } from './connection-fault';
import { subscriptions } from './stream-frame';

/** A ticket and an address take some hundred bytes. */
const MAX_BODY_BYTES = 64 * 1024;

export interface StreamEndpointOptions {
  /** DINGTALK_API_URL, or the channel's own. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** How long the platform may take to answer, in ms. */
  readonly timeoutMs: number;
  readonly dispatcher?: Dispatcher | undefined;
}

/** Asks for a connection (messaging reference §2.1): each answer is good for one handshake within 90 s. */
export class StreamEndpoint {
  constructor(private readonly options: StreamEndpointOptions) {}

  /**
   * @returns the WebSocket URL with its ticket: a secret
   * @throws StreamOpenError with the fault, never with a secret
   */
  async fetch(signal: AbortSignal): Promise<string> {
    const answer = await this.ask(signal);
    const fault = faultOf(answer);
    const { status, code: platformCode, requestId } = answer;
    if (fault) throw new StreamOpenError(fault, { status, platformCode, requestId });
    return this.webSocketUrl(answer);
  }

  private async ask(stop: AbortSignal): Promise<PlatformAnswer> {
    const deadline = new Deadline(this.options.timeoutMs, stop);
    try {
      const { statusCode, headers, body } = await request(this.url(), {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(this.question()),
        signal: deadline.signal,
        dispatcher: this.options.dispatcher ?? getGlobalDispatcher(),
      });
      return readAnswer(statusCode, headers, await readBounded(body, MAX_BODY_BYTES));
    } catch (error) {
      const { kind, code } = networkFault(error);
      throw new StreamOpenError(
        deadline.isOver ? connectionFaults.openTimeout : networkFaults[kind],
        {
          networkCode: code,
        },
      );
    } finally {
      deadline.dispose();
    }
  }

  private url(): string {
    return `${this.options.apiUrl.replace(/\/+$/, '')}/v1.0/gateway/connections/open`;
  }

  private question(): object {
    return {
      clientId: this.options.clientId,
      clientSecret: this.options.clientSecret.reveal(),
      subscriptions,
      ua: 'carillon/1.0',
    };
  }

  /** `ws:` is good enough only where the API itself is plain HTTP: the sandbox, a test (C103). */
  private webSocketUrl({ body, requestId }: PlatformAnswer): string {
    const endpoint = body?.['endpoint'];
    const ticket = body?.['ticket'];
    if (typeof endpoint !== 'string' || typeof ticket !== 'string' || !endpoint || !ticket)
      throw new StreamOpenError(connectionFaults.unusableAnswer, { requestId });
    if (!URL.canParse(endpoint))
      throw new StreamOpenError(connectionFaults.unusableAnswer, { requestId });
    const url = new URL(endpoint);
    const isPlainAllowed = this.options.apiUrl.startsWith('http:');
    if (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && isPlainAllowed))
      throw new StreamOpenError(connectionFaults.insecureEndpoint, { requestId });
    url.hash = '';
    // Set, not concatenated: tickets hold `+ / =` (C12).
    url.searchParams.set('ticket', ticket);
    return url.toString();
  }
}

const networkFaults: Record<NetworkFaultKind, ConnectionFault> = {
  refused: connectionFaults.refused,
  not_allowed: connectionFaults.addressRefused,
  not_found: connectionFaults.hostNotFound,
  tls: connectionFaults.tlsFailed,
  timeout: connectionFaults.openTimeout,
  aborted: connectionFaults.openTimeout,
  reset: connectionFaults.reset,
  other: connectionFaults.reset,
};

/** Null for a success. An HTML page counts as the ban only with 403: with 200 or 400 it is rather a proxy. */
function faultOf(answer: PlatformAnswer): ConnectionFault | null {
  const { status, isHtml } = answer;
  if (isIpBan(answer) && !(isHtml && status === 200)) return connectionFaults.ipBanned;
  if (status >= 200 && status < 300) return null;
  if (status === 401) return connectionFaults.authFailed;
  if (status === 408 || status >= 500) return connectionFaults.platformUnavailable;
  if (status === 429) return connectionFaults.throttled;
  if (status < 400 || isHtml) return connectionFaults.unusableAnswer;
  return refusalOf(answer);
}

/**
 * A 4xx. The platform documents no codes for "not published" and "not in Stream mode", so these two are guessed from
 * code and message; a wrong guess costs a less exact sentence, nothing else.
 */
function refusalOf({ code, body }: PlatformAnswer): ConnectionFault {
  const words = `${code ?? ''} ${JSON.stringify(body ?? {})}`;
  if (/authFailed|invalidClient|invalid\.client|unauthorized\.client/i.test(code ?? ''))
    return connectionFaults.authFailed;
  if (/IpNotInWhiteList/i.test(code ?? '')) return connectionFaults.ipNotAllowed;
  if (/QpsLimit|QpmLimit|too\.?fast/i.test(code ?? '')) return connectionFaults.throttled;
  if (/ApiCountLimit/i.test(code ?? '')) return connectionFaults.quotaUsedUp;
  if (/stream/i.test(words)) return connectionFaults.notInStreamMode;
  if (/publish|未发布|未上线/i.test(words)) return connectionFaults.notPublished;
  return connectionFaults.openRejected;
}
