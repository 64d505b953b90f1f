import type { SentenceKey } from '@common/domain';
import { AppError, type Retry } from '@common/kernel';

export type ModelErrorCode =
  | 'model_unreachable'
  | 'model_key_rejected'
  | 'model_misconfigured'
  | 'model_busy'
  | 'model_quota'
  | 'model_timeout'
  | 'model_refused'
  | 'context_overflow'
  | 'answer_too_long'
  | 'model_failed';

const sentences: Readonly<Record<ModelErrorCode, SentenceKey>> = {
  model_unreachable: 'modelUnreachable',
  model_key_rejected: 'modelKeyRejected',
  model_misconfigured: 'modelMisconfigured',
  model_busy: 'modelBusy',
  model_quota: 'modelQuota',
  model_timeout: 'modelTimeout',
  model_refused: 'modelRefused',
  context_overflow: 'contextOverflow',
  answer_too_long: 'answerFailed',
  model_failed: 'answerFailed',
};

/** A model that did not answer. The code says what to do, the sentence is for the person who asked. */
export class ModelError extends AppError {
  readonly retry: Retry;
  /** The provider asked for this pause; null when it named none. */
  readonly retryAfterMs: number | null;

  constructor(
    readonly code: ModelErrorCode,
    options: {
      readonly cause?: unknown;
      readonly status?: number | undefined;
      /** Another try may help. */
      readonly isPassing?: boolean;
      readonly retryAfterMs?: number | null;
    } = {},
  ) {
    super(code.replaceAll('_', ' '), { cause: options.cause, details: { status: options.status } });
    this.retry = options.isPassing ? 'backoff' : 'never';
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  get sentence(): SentenceKey {
    return sentences[this.code];
  }
}
