import { Agent, type Dispatcher, type FormData, request } from 'undici';

import { DingTalkUnavailableError, DingTalkUnknownOutcomeError } from '../open-api/dingtalk.errors';
import type { AppEndpoint } from '../open-api/app-endpoint';
import type { EndpointRoutes } from './endpoint-routes';
import { networkFault } from './network-fault';
import { type PlatformAnswer, readAnswer } from './platform-answer';
import { readBounded } from './read-bounded';

/** No answer we care for is larger. */
const MAX_BODY_BYTES = 1024 * 1024;

export interface PlatformRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** May hold a secret (session webhook): it never gets into an error. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: unknown;
  /** Instead of JSON. */
  readonly form?: FormData;
  /** The app's own platform, if it has one. */
  readonly endpoint?: AppEndpoint | null | undefined;
  /** How errors name the call. */
  readonly api: string;
}

/** Sends one request over kept-alive connections and reads whatever comes back. Follows no redirects. */
export class PlatformHttp {
  /** @param routes to the platforms that apps name themselves */
  constructor(
    private readonly routes: EndpointRoutes,
    private readonly dispatcher: Dispatcher = new Agent({
      connections: 128,
      keepAliveTimeout: 30_000,
      connect: { timeout: 3_000 },
    }),
  ) {}

  /**
   * @throws DingTalkUnavailableError when the request certainly was not sent
   * @throws DingTalkUnknownOutcomeError when it was, and no whole answer came
   * @throws AppError of the dispatcher (OutboundRefusedError) as it is
   */
  async send(what: PlatformRequest, signal: AbortSignal): Promise<PlatformAnswer> {
    const { api } = what;
    if (signal.aborted) throw new DingTalkUnavailableError({ api, networkCode: 'not_sent' });
    try {
      const { statusCode, headers, body } = await request(what.url, {
        method: what.method,
        headers: {
          accept: 'application/json',
          ...(what.form ? {} : { 'content-type': 'application/json' }),
          ...what.headers,
        },
        body: what.form ?? (what.body === undefined ? null : JSON.stringify(what.body)),
        signal,
        dispatcher: (what.endpoint && this.routes.to(what.endpoint).dispatcher) ?? this.dispatcher,
      });
      return readAnswer(statusCode, headers, await readBounded(body, MAX_BODY_BYTES));
    } catch (error) {
      throw failureOf(error, api);
    }
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }
}

function failureOf(error: unknown, api: string): unknown {
  // Our own verdicts, e.g. of the outbound guard at connect, carry a `retry`.
  if (error !== null && typeof error === 'object' && 'retry' in error) return error;
  const { neverSent, kind, code } = networkFault(error);
  const networkCode = kind === 'aborted' ? 'timeout' : code;
  return neverSent
    ? new DingTalkUnavailableError({ api, networkCode })
    : new DingTalkUnknownOutcomeError({ api, networkCode });
}
