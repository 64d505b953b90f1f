import type { SentenceKey } from '@common/domain';
import { AppError } from '@common/kernel';

/** The sender was not looked up yet: their own job does that, and the thread goes on then. */
export class NotIntroducedError extends AppError {
  readonly code = 'sender_not_introduced';
  readonly retry = 'backoff';

  constructor() {
    super('who wrote this is still being looked up');
  }
}

/** Nobody can tell whom a platform identity means; the asker is told in one sentence. */
export class MemberUnknownError extends AppError {
  readonly code = 'member_unknown';
  readonly retry = 'never';

  constructor(
    readonly key: SentenceKey,
    readonly values: Readonly<Record<string, string>> = {},
    cause?: unknown,
  ) {
    super('the sender is no member', { cause, details: { sentence: key } });
  }
}
