import { storableJson } from '@common/kernel';

import { Deadline } from '../http/deadline';
import type { PlatformAnswer } from '../http/platform-answer';
import type { PlatformHttp } from '../http/platform-http.client';
import type { AccessTokens } from './access-tokens';
import { failureOf, isTokenRefused } from './api-failure';
import { type AppCredentials, type CallOptions, DEFAULT_TIMEOUT_MS } from './app-credentials';
import { baseUrlOf } from './app-endpoint';

export interface ApiCall {
  readonly app: AppCredentials;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** May carry a query. */
  readonly path: string;
  /** The path with names instead of values; default: the path without its query. Rate limits go by it. */
  readonly pathTemplate?: string;
  readonly body?: object;
}

/** One HTTP exchange, for metrics. */
export interface CallRecord {
  readonly clientId: string;
  readonly api: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface OpenApiOptions {
  /** DINGTALK_API_URL. */
  readonly apiUrl: string;
  readonly http: PlatformHttp;
  readonly tokens: AccessTokens;
  readonly onCall?: (record: CallRecord) => void;
}

/**
 * The new API (`/v1.0/…`): adds the token, refreshes a refused one once (C3), and says by the type of its error
 * whether the call was refused, not processed, or may have had its effect (see `CallOutcome`).
 */
export class OpenApi {
  constructor(private readonly options: OpenApiOptions) {}

  /** @returns the body of the answer; `{}` when it is empty. @throws DingTalkError */
  async call(
    what: ApiCall,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CallOptions = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const deadline = new Deadline(timeoutMs, signal);
    try {
      const answer = await this.sendWithToken(what, deadline.signal);
      const failure = failureOf(answer, apiOf(what));
      if (failure) throw failure;
      return answer.body ?? {};
    } finally {
      deadline.dispose();
    }
  }

  private async sendWithToken(what: ApiCall, signal: AbortSignal): Promise<PlatformAnswer> {
    const { tokens } = this.options;
    const token = await tokens.get(what.app, signal);
    const answer = await this.send(what, token, signal);
    if (!isTokenRefused(answer)) return answer;
    await tokens.invalidate(what.app, token);
    return this.send(what, await tokens.get(what.app, signal), signal);
  }

  private async send(what: ApiCall, token: string, signal: AbortSignal): Promise<PlatformAnswer> {
    const startedAtMs = performance.now();
    const answer = await this.options.http.send(
      {
        method: what.method,
        url: `${baseUrlOf(what.app, 'apiUrl', this.options.apiUrl)}${what.path}`,
        headers: { 'x-acs-dingtalk-access-token': token },
        body: what.body === undefined ? undefined : storableJson(what.body),
        api: apiOf(what),
        endpoint: what.app.endpoint,
      },
      signal,
    );
    this.options.onCall?.({
      clientId: what.app.clientId,
      api: apiOf(what),
      status: answer.status,
      durationMs: performance.now() - startedAtMs,
    });
    return answer;
  }
}

const apiOf = ({ path, pathTemplate }: ApiCall): string =>
  pathTemplate ?? path.split('?', 1)[0] ?? path;
