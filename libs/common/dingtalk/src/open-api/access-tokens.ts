import { createHash } from 'node:crypto';

import { type Clock, SystemClock } from '@common/kernel';

import { Deadline } from '../http/deadline';
import type { PlatformHttp } from '../http/platform-http.client';
import { failureOf } from './api-failure';
import { type AppCredentials, type CallOptions, DEFAULT_TIMEOUT_MS } from './app-credentials';
import { baseUrlOf } from './app-endpoint';
import {
  DingTalkCredentialsError,
  type DingTalkError,
  DingTalkTokenRefusedError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
} from './dingtalk.errors';
import type { OtherSecrets } from './other-secrets.port';
import { MemorySharedTokens } from './memory-shared-tokens.adapter';
import type { SharedToken, SharedTokens } from './shared-tokens.port';

const API = '/v1.0/oauth2/accessToken';
/** Tokens live two hours; they are renewed this long before their end, as the platform advises (§1.2). */
const RENEW_EARLY_MS = 10 * 60_000;
/** Each process adds a share of this, so that of many one renews and the others find its token. */
const RENEW_SPREAD_MS = 60_000;
/** How long wrong credentials are remembered: nobody shall ask in a loop (C2). */
const REMEMBER_WRONG_MS = 30_000;

export interface AccessTokensOptions {
  /** DINGTALK_API_URL. */
  readonly apiUrl: string;
  readonly http: PlatformHttp;
  readonly shared?: SharedTokens;
  /** Unset: an app has the one secret that it comes with. */
  readonly otherSecrets?: OtherSecrets;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** For logs: failures of the shared store. */
  readonly onFault?: (error: unknown) => void;
}

interface HeldToken extends SharedToken {
  readonly renewAtMs: number;
}

/** One access token per app: cached, renewed early, fetched once however many ask at the same time. */
export class AccessTokens {
  private readonly clock: Clock;
  private readonly shared: SharedTokens;
  /** How long before its end this process renews a token. */
  private readonly marginMs: number;
  private readonly held = new Map<string, HeldToken>();
  private readonly flights = new Map<string, Promise<string>>();
  private readonly wrong = new Map<string, { untilMs: number; error: DingTalkCredentialsError }>();
  /** The last token the platform refused, per app: the shared store may still have it. */
  private readonly refused = new Map<string, string>();

  constructor(private readonly options: AccessTokensOptions) {
    this.clock = options.clock ?? new SystemClock();
    this.shared = options.shared ?? new MemorySharedTokens();
    this.marginMs = RENEW_EARLY_MS + (options.random ?? Math.random)() * RENEW_SPREAD_MS;
  }

  /**
   * @throws DingTalkCredentialsError for a wrong secret
   * @throws DingTalkError otherwise; `outcome` is never `unknown`, for asking for a token changes nothing
   */
  async get(app: AppCredentials, signal?: AbortSignal): Promise<string> {
    const held = this.held.get(this.holderOf(app));
    if (held && this.clock.now() < held.renewAtMs) return held.token;
    const key = this.keyOf(app);
    const flight = this.flights.get(key) ?? this.take(key, app);
    return signal ? unlessAborted(flight, signal) : flight;
  }

  /**
   * Fetches a token that is not at hand, so that the call after it leaves at once: calls that waited for one token would
   * leave together. A failure is the call's to meet and to tell.
   */
  async warm(
    app: AppCredentials,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CallOptions = {},
  ): Promise<void> {
    const held = this.held.get(this.holderOf(app));
    if (held && this.clock.now() < held.renewAtMs) return;
    const deadline = new Deadline(timeoutMs, signal);
    try {
      await this.tolerate(() => this.get(app, deadline.signal));
    } finally {
      deadline.dispose();
    }
  }

  /** After a refusal: the next `get` fetches a new token. Does nothing if there is a newer one already. */
  async invalidate(app: AppCredentials, token: string): Promise<void> {
    const holder = this.holderOf(app);
    this.refused.set(holder, token);
    if (this.held.get(holder)?.token === token) this.held.delete(holder);
    await this.tolerate(() => this.shared.drop(holder, token));
  }

  /**
   * Asks the platform whether these credentials are right, past every cache.
   * @throws DingTalkCredentialsError when they are not
   */
  async verify(app: AppCredentials): Promise<void> {
    await this.fetch(app);
  }

  private take(key: string, app: AppCredentials): Promise<string> {
    const flight = this.obtain(app).finally(() => this.flights.delete(key));
    this.flights.set(key, flight);
    return flight;
  }

  private async obtain(app: AppCredentials): Promise<string> {
    const holder = this.holderOf(app);
    const found = await this.tolerate(() => this.shared.read(holder));
    if (found && this.isUsable(holder, found)) return this.hold(holder, found, this.marginMs);
    try {
      return await this.renew(app);
    } catch (error) {
      const old = this.held.get(holder);
      const isStillGood = old !== undefined && this.clock.now() < old.expiresAtMs;
      if (isStillGood && !(error instanceof DingTalkCredentialsError)) return old.token;
      throw error;
    }
  }

  private isUsable(holder: string, { token, expiresAtMs }: SharedToken): boolean {
    const isFresh = expiresAtMs - this.clock.now() > this.marginMs;
    return isFresh && token !== this.refused.get(holder);
  }

  private async renew(app: AppCredentials): Promise<string> {
    const fresh = await this.fetchWithAny(app);
    const earlyMs = Math.min(this.marginMs, (fresh.expiresAtMs - this.clock.now()) / 2);
    const holder = this.holderOf(app);
    await this.tolerate(() => this.shared.write(holder, fresh));
    return this.hold(holder, fresh, earlyMs);
  }

  /** With the app's secret; when that is refused, with whichever other one it has by now. */
  private async fetchWithAny(app: AppCredentials): Promise<SharedToken> {
    const own = await this.fetchOrRefusal(app);
    if (!(own instanceof DingTalkCredentialsError)) return own;
    const { otherSecrets } = this.options;
    const others = otherSecrets && (await this.tolerate(() => otherSecrets.of(app)));
    for (const { secret, taken } of others ?? []) {
      const fresh = await this.fetchOrRefusal({ ...app, clientSecret: secret });
      if (fresh instanceof DingTalkCredentialsError) continue;
      await this.tolerate(taken);
      return fresh;
    }
    throw own;
  }

  /** A refusal is remembered for a while, for this secret alone: another one is tried at once (C2). */
  private async fetchOrRefusal(
    app: AppCredentials,
  ): Promise<SharedToken | DingTalkCredentialsError> {
    const key = this.keyOf(app);
    const wrong = this.wrong.get(key);
    if (wrong && this.clock.now() < wrong.untilMs) return wrong.error;
    try {
      const fresh = await this.fetch(app);
      this.wrong.delete(key);
      return fresh;
    } catch (error) {
      if (!(error instanceof DingTalkCredentialsError)) throw error;
      this.wrong.set(key, { untilMs: this.clock.now() + REMEMBER_WRONG_MS, error });
      return error;
    }
  }

  private hold(holder: string, { token, expiresAtMs }: SharedToken, earlyMs: number): string {
    this.held.set(holder, { token, expiresAtMs, renewAtMs: expiresAtMs - earlyMs });
    return token;
  }

  private async fetch(app: AppCredentials): Promise<SharedToken> {
    const deadline = new Deadline(DEFAULT_TIMEOUT_MS);
    const askedAtMs = this.clock.now();
    try {
      const answer = await this.options.http.send(
        {
          method: 'POST',
          url: `${baseUrlOf(app, 'apiUrl', this.options.apiUrl)}${API}`,
          body: { appKey: app.clientId, appSecret: app.clientSecret.reveal() },
          api: API,
          endpoint: app.endpoint,
        },
        deadline.signal,
      );
      const failure = failureOf(answer, API);
      if (failure) throw asTokenFailure(failure);
      const token = answer.body?.['accessToken'];
      const seconds = Number(answer.body?.['expireIn']);
      if (typeof token !== 'string' || token === '')
        throw new DingTalkUnavailableError({ api: API });
      return { token, expiresAtMs: askedAtMs + (seconds > 0 ? seconds : 7_200) * 1_000 };
    } catch (error) {
      throw error instanceof DingTalkUnknownOutcomeError
        ? new DingTalkUnavailableError(error.call)
        : error;
    } finally {
      deadline.dispose();
    }
  }

  /** Whose token it is: the app's, on its platform. */
  private holderOf(app: AppCredentials): string {
    const { apiUrl } = this.options;
    const own = baseUrlOf(app, 'apiUrl', apiUrl);
    return own === baseUrlOf({}, 'apiUrl', apiUrl) ? app.clientId : `${app.clientId}@${own}`;
  }

  /** The secret counts too, so that a corrected one is tried at once. */
  private keyOf(app: AppCredentials): string {
    const secret = createHash('sha256').update(app.clientSecret.reveal()).digest('base64');
    return `${this.holderOf(app)}\0${secret}`;
  }

  /** The shared store is a convenience: without it we go on. */
  private async tolerate<T>(action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      this.options.onFault?.(error);
      return null;
    }
  }
}

const WRONG_CREDENTIALS =
  /invalidClientIdOrSecret|invalid\.client|unauthorized\.client|authFailed/i;

/** At this one API a refused "token" is a refused secret. */
function asTokenFailure(failure: DingTalkError): DingTalkError {
  const isWrong = WRONG_CREDENTIALS.test(failure.platformCode ?? '');
  return isWrong || failure instanceof DingTalkTokenRefusedError
    ? new DingTalkCredentialsError(failure.call)
    : failure;
}

/** One caller may give up; the flight goes on for the others. */
function unlessAborted(flight: Promise<string>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const abort = (): void =>
      reject(new DingTalkUnavailableError({ api: API, networkCode: 'timeout' }));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    flight.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
