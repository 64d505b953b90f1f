import OpenAI from 'openai';

import { OutboundRefusedError } from '@common/outbound';

import { ModelError } from './model.errors';

/** What an error of the SDK means. Never by its text; the cause keeps the original for the log. */
export function readOpenAiError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const refused = findCause(error, (one) => one instanceof OutboundRefusedError);
  if (refused) return new ModelError('model_misconfigured', { cause: refused });
  if (error instanceof OpenAI.APIConnectionTimeoutError)
    return new ModelError('model_timeout', { cause: safe(error), isPassing: true });
  if (error instanceof OpenAI.APIConnectionError)
    return new ModelError('model_unreachable', { cause: safe(error), isPassing: true });
  if (error instanceof OpenAI.APIError && typeof error.status === 'number')
    return byStatus(error.status, safe(error));
  // A stream that breaks in the middle surfaces as a plain network error.
  return new ModelError('model_unreachable', { cause: safe(error), isPassing: true });
}

function byStatus(status: number, cause: unknown): ModelError {
  if (status === 401 || status === 403)
    return new ModelError('model_key_rejected', { cause, status });
  if (status === 408) return new ModelError('model_timeout', { cause, status, isPassing: true });
  if (status === 429) return new ModelError('model_busy', { cause, status, isPassing: true });
  if (status >= 500) return new ModelError('model_unreachable', { cause, status, isPassing: true });
  return new ModelError('model_misconfigured', { cause, status });
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
