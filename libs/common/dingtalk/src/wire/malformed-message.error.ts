import { AppError } from '@common/kernel';

/** A payload without the ids that make it a message: there is nobody to answer and nothing to deduplicate by. */
export class MalformedMessageError extends AppError {
  readonly code = 'malformed_message';
  readonly retry = 'never';

  /** @param missing name of the field that is missing; content is never part of an error */
  constructor(kind: 'robot message' | 'card action', missing: string) {
    super(`${kind} without a usable ${missing}`, { details: { kind, missing } });
  }
}
