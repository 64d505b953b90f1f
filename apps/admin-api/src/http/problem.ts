import { STATUS_CODES } from 'node:http';

import { HttpException } from '@nestjs/common';
import { ZodValidationException } from 'nestjs-zod';
import { ZodError } from 'zod';

import { AppError, UnknownMasterKeyError } from '@common/kernel';
import { isDatabaseAway, isPassingFailure } from '@common/persistence';

import { ApiError, type FieldError, InvalidInputError, UnavailableError } from './api.errors';
import { fieldErrors } from './field-errors';

/** RFC 9457 with our stable `code`; clients match on it, people read `detail`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly FieldError[];
  readonly requestId?: string;
}

/** What a client may know of a failure; null for a bug, of which it may know nothing. */
export function problemOf(error: unknown, requestId: string | undefined): Problem | null {
  const known = expected(error);
  return known ? asProblem(known, requestId) : null;
}

export const bugProblem = (requestId: string | undefined): Problem =>
  asProblem(
    new ApiError(500, 'internal_error', 'Something went wrong on our side; the log has more.'),
    requestId,
  );

function expected(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (isDatabaseAway(error))
    return new UnavailableError('database_unavailable', 'The database cannot be reached.', error);
  if (isPassingFailure(error))
    return new UnavailableError('database_busy', 'The database was too busy; ask again.', error);
  if (error instanceof UnknownMasterKeyError && error.retry !== 'never')
    return new UnavailableError(error.code, error.message, error);
  if (error instanceof ZodValidationException) return expected(error.getZodError());
  if (error instanceof ZodError) return new InvalidInputError(fieldErrors(error));
  if (error instanceof HttpException) return ofFramework(error);
  if (error instanceof AppError) return new ApiError(500, error.code, error.message);
  return null;
}

function ofFramework(error: HttpException): ApiError | null {
  const status = error.getStatus();
  if (status === 404) return new ApiError(404, 'not_found', 'There is no such address here.');
  if (status >= 500) return null;
  return new ApiError(status, 'bad_request', 'The request could not be understood.');
}

function asProblem(error: ApiError, requestId: string | undefined): Problem {
  return {
    type: `urn:carillon:problem:${error.code}`,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.errors ? { errors: error.errors } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
