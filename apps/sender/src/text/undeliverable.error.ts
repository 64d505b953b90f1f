import { AppError } from '@common/kernel';

/** No way led to the person. Operators see it at the undelivered desk. */
export class UndeliverableError extends AppError {
  readonly retry = 'never';

  constructor(
    readonly code: string,
    cause?: unknown,
  ) {
    super(`the text could not be delivered: ${code.replaceAll('_', ' ')}`, { cause });
  }
}
