import { AppError, type Retry } from '@common/kernel';

/**
 * What is known about a call that failed:
 * - `refused`: the platform looked at it and said no. It had no effect; the same call will fail again.
 * - `not_processed`: it never reached the platform, or the platform said that it could not serve it now. No effect;
 *   a repetition is safe and may succeed.
 * - `unknown`: no usable answer came (timeout, reset, 504, 5xx without an error body). It may have had its effect.
 */
export type CallOutcome = 'refused' | 'not_processed' | 'unknown';

/** Safe to log: names, numbers and ids of the platform; never URLs, tokens or content. */
export interface CallDetails {
  /** Path template of the API, e.g. `/v1.0/card/streaming`. */
  readonly api: string;
  readonly status?: number | null;
  /** The platform's error code, or errcode of a legacy API. */
  readonly platformCode?: string | null;
  readonly requestId?: string | null;
  /** What the network reported, e.g. `ECONNRESET`. */
  readonly networkCode?: string | null;
  readonly [more: string]: unknown;
}

/** Base of all failures of a call. Causes are left out on purpose: those of HTTP clients may quote URLs and headers. */
export abstract class DingTalkError extends AppError {
  abstract readonly outcome: CallOutcome;

  constructor(
    message: string,
    readonly call: CallDetails,
  ) {
    super(`${message} (${call.api})`, { details: call });
  }

  get platformCode(): string | null {
    return this.call.platformCode ?? null;
  }
}

/** Too many calls in a short time (messaging reference §7.1): wait, then call again. */
export class DingTalkThrottledError extends DingTalkError {
  readonly code = 'dingtalk_throttled';
  readonly outcome = 'refused';
  readonly retry: Retry;

  /** @param of who is too fast: the app at this API, or whoever writes to one person (its inbox is flow-controlled) */
  constructor(
    call: CallDetails,
    readonly afterMs: number,
    readonly of: 'app' | 'recipient' = 'app',
  ) {
    super('DingTalk asks to call less often', call);
    this.retry = { afterMs };
  }
}

/** The monthly allowance of the organisation is used up: no call helps until somebody acts. */
export class DingTalkQuotaError extends DingTalkError {
  readonly code = 'dingtalk_quota';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the monthly allowance of the organisation at DingTalk is used up', call);
  }
}

export const IP_BAN_MS = 5 * 60_000;

/** This egress address is banned: all calls of all apps must stop for five minutes. */
export class DingTalkIpBannedError extends DingTalkError {
  readonly code = 'dingtalk_ip_banned';
  readonly outcome = 'refused';
  readonly retry = { afterMs: IP_BAN_MS };

  constructor(call: CallDetails) {
    super('DingTalk has banned the address of this server for five minutes', call);
  }
}

/** The app's IP whitelist lacks our egress address. */
export class DingTalkIpNotAllowedError extends DingTalkError {
  readonly code = 'dingtalk_ip_not_allowed';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the address of this server is not on the IP whitelist of the DingTalk app', call);
  }
}

/** A permission was not granted to the app; `details.requiredScopes` names it. */
export class DingTalkScopeMissingError extends DingTalkError {
  readonly code = 'dingtalk_scope_missing';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(
    call: CallDetails,
    readonly requiredScopes: readonly string[],
  ) {
    super('the DingTalk app lacks a permission', { ...call, requiredScopes });
  }
}

/** Client id or secret are wrong. */
export class DingTalkCredentialsError extends DingTalkError {
  readonly code = 'bad_credentials';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('DingTalk does not accept the client id and client secret', call);
  }
}

/** A token that was fetched a moment ago is refused too. */
export class DingTalkTokenRefusedError extends DingTalkError {
  readonly code = 'dingtalk_token_refused';
  readonly outcome = 'not_processed';
  readonly retry = 'backoff';

  constructor(call: CallDetails) {
    super('DingTalk refuses a fresh access token', call);
  }
}

/** A definite no to this very request. */
export class DingTalkRejectedError extends DingTalkError {
  readonly code = 'dingtalk_rejected';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('DingTalk rejects the request', call);
  }
}

/** Nothing usable came back: the call may have had its effect. Repeat it only where a repetition is harmless. */
export class DingTalkUnknownOutcomeError extends DingTalkError {
  readonly code = 'dingtalk_unknown_outcome';
  readonly outcome = 'unknown';
  readonly retry = 'backoff';

  constructor(call: CallDetails) {
    super('DingTalk did not say whether the request was carried out', call);
  }
}

/** Certainly not carried out, through no fault of the request. */
export class DingTalkUnavailableError extends DingTalkError {
  readonly code = 'dingtalk_unavailable';
  readonly outcome = 'not_processed';
  readonly retry = 'backoff';

  constructor(call: CallDetails) {
    super('DingTalk is not available', call);
  }
}
