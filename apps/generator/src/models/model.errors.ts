import type { SentenceKey } from '@common/domain';
import { AppError, type Retry } from '@common/kernel';

type ModelErrorCode =
  | 'model_unreachable'
  | 'model_key_rejected'
  | 'model_misconfigured'
  | 'model_busy'
  | 'model_timeout'
  | 'model_failed';

const sentences: Readonly<Record<ModelErrorCode, SentenceKey>> = {
  model_unreachable: 'modelUnreachable',
  model_key_rejected: 'modelKeyRejected',
  model_misconfigured: 'modelMisconfigured',
  model_busy: 'modelBusy',
  model_timeout: 'modelTimeout',
  model_failed: 'answerFailed',
};

/** A model that did not answer. The code says what to do, the sentence is for the person who asked. */
export class ModelError extends AppError {
  readonly retry: Retry;

  constructor(
    readonly code: ModelErrorCode,
    options: {
      readonly cause?: unknown;
      readonly status?: number | undefined;
      readonly isPassing?: boolean;
    } = {},
  ) {
    super(code.replaceAll('_', ' '), { cause: options.cause, details: { status: options.status } });
    this.retry = options.isPassing ? 'backoff' : 'never';
  }

  get sentence(): SentenceKey {
    return sentences[this.code];
  }
}
