import { AppError, type AppErrorOptions } from '@common/kernel';

/** One wrong field: `path` as in `card.pace`, empty for the whole body. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** An expected failure that knows its HTTP status. */
export class ApiError extends AppError {
  readonly retry = 'never';
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    options: AppErrorOptions & { readonly errors?: readonly FieldError[] } = {},
  ) {
    super(detail, options);
    this.errors = options.errors;
  }
}

/** The resource is not there, or belongs to somebody else: nobody learns which. */
export class NotFoundError extends ApiError {
  constructor(what: string) {
    super(404, 'not_found', `There is no such ${what}.`);
  }
}

export class ForbiddenError extends ApiError {
  constructor(code: string, detail: string) {
    super(403, code, detail);
  }
}

/** The request contradicts what is; repeating it will not help before something else changes. */
export class ConflictError extends ApiError {
  constructor(code: string, detail: string) {
    super(409, code, detail);
  }
}

export class InvalidInputError extends ApiError {
  constructor(errors: readonly FieldError[]) {
    super(400, 'invalid_input', 'Some fields are not as they should be.', { errors });
  }
}

/** A store or another service is away; the same request may succeed in a moment. */
export class UnavailableError extends ApiError {
  constructor(code: string, detail: string, cause?: unknown) {
    super(503, code, detail, { cause });
  }
}
