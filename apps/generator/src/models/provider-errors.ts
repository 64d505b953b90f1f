import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { OutboundRefusedError } from '@common/outbound';

import { ModelError, type ModelErrorCode } from './model.errors';
import { retryAfterOf } from './retry-after';

/** Codes with which providers refuse what was asked, or what they were about to say. */
const REFUSALS = new Set(['content_filter', 'content_policy_violation', 'data_inspection_failed']);
const OVERFLOWS = new Set([
  'context_length_exceeded',
  'string_above_max_length',
  'request_too_large',
]);
const QUOTAS = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'Arrearage']);

/** Anthropic, vLLM and Ollama tell an overflow only in words; all of theirs match. */
const OVERFLOW_WORDS =
  /prompt is too long|maximum context length|context (window|length)|exceeds the available context/i;

/** What an error of an official SDK means. The cause keeps its kind for the log, never its words. */
export function readProviderError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const refused = findCause(error, (one) => one instanceof OutboundRefusedError);
  if (refused) return new ModelError('model_misconfigured', { cause: refused });
  if (isOf(error, 'APIConnectionTimeoutError')) return passing('model_timeout', error);
  if (isOf(error, 'APIConnectionError')) return passing('model_unreachable', error);
  if (isOf(error, 'APIError')) return byAnswer(error as ApiAnswer);
  // A stream that breaks in the middle, or is no stream at all, surfaces as a plain error.
  return passing('model_unreachable', error);
}

/** What the error classes of both SDKs have in common. */
interface ApiAnswer {
  readonly status?: number;
  readonly code?: string | null;
  readonly type?: string | null;
  readonly message: string;
  readonly headers?: Headers;
}

const isOf = (
  error: unknown,
  kind: 'APIConnectionTimeoutError' | 'APIConnectionError' | 'APIError',
): boolean => error instanceof OpenAI[kind] || error instanceof Anthropic[kind];

const passing = (code: ModelErrorCode, error: unknown): ModelError =>
  new ModelError(code, { cause: safe(error), isPassing: true });

function byAnswer(error: ApiAnswer): ModelError {
  const { status } = error;
  const cause = safe(error);
  const words = [error.code, error.type, ...innerWords(error)];
  const has = (known: Set<string>): boolean => words.some((word) => word && known.has(word));
  if (has(REFUSALS)) return new ModelError('model_refused', { cause, status });
  if (has(QUOTAS) || status === 402) return new ModelError('model_quota', { cause, status });
  if (
    has(OVERFLOWS) ||
    status === 413 ||
    (isBadRequest(status) && OVERFLOW_WORDS.test(error.message))
  )
    return new ModelError('context_overflow', { cause, status });
  return byStatus(status, cause, error.headers);
}

function byStatus(status: number | undefined, cause: Error, headers?: Headers): ModelError {
  // An error inside a stream that began well has no status: overloaded, most of the time.
  if (status === undefined) return new ModelError('model_unreachable', { cause, isPassing: true });
  if (status === 401 || status === 403)
    return new ModelError('model_key_rejected', { cause, status });
  const retryAfterMs = retryAfterOf(headers);
  const again = { cause, status, retryAfterMs, isPassing: true };
  if (status === 408) return new ModelError('model_timeout', again);
  if (status === 429 || status === 529) return new ModelError('model_busy', again);
  if (status === 409 || status >= 500) return new ModelError('model_unreachable', again);
  return new ModelError('model_misconfigured', { cause, status });
}

const isBadRequest = (status: number | undefined): boolean => status === 400 || status === 422;

/** Azure and Anthropic put the telling word one level deeper. */
function innerWords(error: unknown): (string | undefined)[] {
  const body = (error as { error?: { error?: Inner; innererror?: Inner } & Inner }).error;
  return [body?.type, body?.innererror?.code, body?.error?.type, body?.error?.code].map((word) =>
    word === 'ResponsibleAIPolicyViolation' ? 'content_filter' : word,
  );
}
interface Inner {
  readonly code?: string;
  readonly type?: string;
}

/** Providers repeat the key in their messages ("Incorrect API key provided: sk-…"), so only the kind survives. */
function safe(error: unknown): Error {
  const { name, status, code } = error as { name?: string; status?: unknown; code?: unknown };
  const words = [name ?? 'Error', status, code].filter(
    (word) => word !== undefined && word !== null,
  );
  return new Error(words.map(String).join(' '));
}

function findCause(error: unknown, wanted: (one: unknown) => boolean): unknown {
  for (let one = error, depth = 0; one && depth < 8; depth += 1) {
    if (wanted(one)) return one;
    one = (one as { cause?: unknown }).cause;
  }
  return undefined;
}
