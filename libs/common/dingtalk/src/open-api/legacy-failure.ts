import { isIpBan, type PlatformAnswer } from '../http/platform-answer';
import { failureOf } from './api-failure';
import {
  type CallDetails,
  type DingTalkError,
  DingTalkIpBannedError,
  DingTalkIpNotAllowedError,
  DingTalkQuotaError,
  DingTalkRejectedError,
  DingTalkThrottledError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
} from './dingtalk.errors';

/** Codes of the rate limits: per app, per API, per robot (messaging reference §5.9, §7.1). */
const isThrottle = (code: number): boolean =>
  (code >= 90_001 && code <= 90_018) || code === 410_100 || code === 130_101;
const QUOTA_CODES: ReadonlySet<number> = new Set([90_020, 90_030]);
const ROBOT_THROTTLES: ReadonlySet<number> = new Set([410_100, 130_101]);
const AFTER_THROTTLE_MS = 2_000;
/** Twenty messages a minute per robot, then blocked for ten. */
const AFTER_ROBOT_THROTTLE_MS = 60_000;
const BACKEND_TIMEOUT = 'isp.top-remote-connection-timeout';

/** What an answer of a legacy API means: HTTP 200 always, the truth is in `errcode` (C7); null for success. */
export function legacyFailureOf(answer: PlatformAnswer, api: string): DingTalkError | null {
  const { status, body, requestId } = answer;
  if (isIpBan(answer)) return new DingTalkIpBannedError({ api, status, requestId });
  const errcode = readErrcode(body);
  if (errcode === 0) return null;
  const platformCode = errcode === null ? answer.code : String(errcode);
  const call: CallDetails = { api, status, platformCode, requestId };
  if (errcode !== null) return failureByCode(errcode, body?.['sub_code'], call);
  if (status >= 200 && status < 300) return new DingTalkUnknownOutcomeError(call);
  return failureOf(answer, api) ?? new DingTalkUnknownOutcomeError(call);
}

/** Some answers print the number as a string. */
function readErrcode(body: PlatformAnswer['body']): number | null {
  const raw = body?.['errcode'];
  if (typeof raw !== 'number' && (typeof raw !== 'string' || raw.trim() === '')) return null;
  return Number.isSafeInteger(Number(raw)) ? Number(raw) : null;
}

function failureByCode(errcode: number, subCode: unknown, call: CallDetails): DingTalkError {
  if (QUOTA_CODES.has(errcode)) return new DingTalkQuotaError(call);
  if (isThrottle(errcode))
    return new DingTalkThrottledError(
      call,
      ROBOT_THROTTLES.has(errcode) ? AFTER_ROBOT_THROTTLE_MS : AFTER_THROTTLE_MS,
    );
  if (errcode === 60_020) return new DingTalkIpNotAllowedError(call);
  if (errcode === -1) return new DingTalkUnavailableError(call);
  if (subCode === BACKEND_TIMEOUT) return new DingTalkUnknownOutcomeError(call);
  return new DingTalkRejectedError(call);
}
