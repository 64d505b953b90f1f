import { isIpBan, type PlatformAnswer } from '../http/platform-answer';
import {
  type CallDetails,
  type DingTalkError,
  DingTalkIpBannedError,
  DingTalkIpNotAllowedError,
  DingTalkQuotaError,
  DingTalkRejectedError,
  DingTalkScopeMissingError,
  DingTalkThrottledError,
  DingTalkTokenRefusedError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
} from './dingtalk.errors';

const SECOND_MS = 1_000;
const AFTER_QPS_MS = 1_500;
/** A limit per minute: a third of it has passed on average. */
const AFTER_QPM_MS = 20 * SECOND_MS;

export const isTokenRefused = ({ status, code }: PlatformAnswer): boolean =>
  status === 401 || (status === 400 && code === 'InvalidAuthentication');

/** What an answer of the new API means (messaging reference §1.5, §1.6, §7); null for success. */
export function failureOf(answer: PlatformAnswer, api: string): DingTalkError | null {
  const { status, code, requestId } = answer;
  const call: CallDetails = { api, status, platformCode: code, requestId };
  if (isIpBan(answer)) return new DingTalkIpBannedError(call);
  if (status >= 200 && status < 300) return successOrUnknown(answer, call);
  if (isTokenRefused(answer)) return new DingTalkTokenRefusedError(call);
  return throttleOf(answer, call) ?? refusalOf(answer, call);
}

/** Every call says yes in JSON: no body, half of one, or something else tells nothing. */
const successOrUnknown = ({ body }: PlatformAnswer, call: CallDetails): DingTalkError | null =>
  body === null ? new DingTalkUnknownOutcomeError(call) : null;

function throttleOf(
  { status, code, retryAfterMs }: PlatformAnswer,
  call: CallDetails,
): DingTalkError | null {
  const name = code ?? '';
  if (/ApiCountLimit/i.test(name)) return new DingTalkQuotaError(call);
  if (/QpmLimit/i.test(name)) return new DingTalkThrottledError(call, retryAfterMs ?? AFTER_QPM_MS);
  const isThrottle = status === 429 || /QpsLimit|too\.?fast$/i.test(name);
  return isThrottle ? new DingTalkThrottledError(call, retryAfterMs ?? AFTER_QPS_MS) : null;
}

function refusalOf(answer: PlatformAnswer, call: CallDetails): DingTalkError {
  const { status, code, requiredScopes } = answer;
  const name = code ?? '';
  if (/AccessTokenPermissionDenied/i.test(name))
    return new DingTalkScopeMissingError(call, requiredScopes);
  if (/IpNotInWhiteList/i.test(name)) return new DingTalkIpNotAllowedError(call);
  // 504: the platform stopped waiting for its own back end, which may still finish (C64).
  if (status === 408 || status === 504 || name === 'unknown.send.result')
    return new DingTalkUnknownOutcomeError(call);
  if (status >= 500)
    return code === null
      ? new DingTalkUnknownOutcomeError(call)
      : new DingTalkUnavailableError(call);
  return new DingTalkRejectedError(call);
}
