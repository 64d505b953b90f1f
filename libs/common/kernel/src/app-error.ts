/** What a queue worker should do with a job that failed this way. */
export type Retry = 'never' | 'backoff' | { readonly afterMs: number };

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Safe to log and to show an operator: ids and numbers, never message text or tokens. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Every failure we expect. Anything else is a bug: it is retried with backoff and logged at error with its stack. */
export abstract class AppError extends Error {
  /** Stable and snake_case: logs, dashboards and REST clients match on it. */
  abstract readonly code: string;
  abstract readonly retry: Retry;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details ?? {};
  }
}

/** The code of an expected error; `internal_error` for everything else. */
export const codeOf = (error: unknown): string =>
  error instanceof AppError ? error.code : 'internal_error';
