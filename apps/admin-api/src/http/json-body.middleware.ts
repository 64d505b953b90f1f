import { json, type NextFunction, type Request, type Response } from 'express';

import { storableJson } from '@common/kernel';

import { ApiError } from './api.errors';

const MAX_BODY_BYTES = 1_048_576;
const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

const parse = json({ limit: MAX_BODY_BYTES, type: JSON_TYPES });

/** Reads JSON bodies and nothing else; what Postgres cannot hold (NUL, lone surrogates) is taken out. */
export function jsonBody(request: Request, response: Response, next: NextFunction): void {
  if (hasBody(request) && !request.is(JSON_TYPES)) {
    next(new ApiError(415, 'unsupported_media_type', 'Send the body as application/json.'));
    return;
  }
  parse(request, response, (error?: unknown) => {
    if (error) {
      next(bodyError(error));
      return;
    }
    request.body = storableJson(request.body ?? {});
    next();
  });
}

function hasBody(request: Request): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined ||
    Number(request.headers['content-length'] ?? 0) > 0
  );
}

function bodyError(error: unknown): unknown {
  switch ((error as { type?: unknown }).type) {
    case 'entity.too.large':
      return new ApiError(413, 'body_too_large', 'The body is larger than 1 MB.');
    case 'entity.parse.failed':
      return new ApiError(400, 'malformed_json', 'The body is not valid JSON.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ApiError(415, 'unsupported_media_type', 'Send the body as UTF-8 JSON.');
    default:
      return new ApiError(400, 'malformed_body', 'The body could not be read.', { cause: error });
  }
}
