import { AppError } from '@common/kernel';

/** A tool that did not do what it was asked; the model is told. */
export class ToolError extends AppError {
  readonly retry = 'never';

  constructor(
    readonly code: 'tool_failed' | 'tool_timeout' | 'tool_unreachable' | 'tool_misconfigured',
    /** For the model: what the tool said, without secrets of ours. */
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? {} : { cause });
  }
}
