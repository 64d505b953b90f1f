import { json, text, type NextFunction, type Request, type Response } from 'express';

import { storableJson } from '@common/kernel';

import { ApiError } from './api.errors';
import { API_BASE } from './api-resource.decorator';

const MAX_BODY_BYTES = 1_048_576;
/** A whole tenant's configuration in one document. */
const DOCUMENT_PATH = `/${API_BASE}/apply`;
const MAX_DOCUMENT_BYTES = 8 * MAX_BODY_BYTES;
const YAML_TYPES = ['application/yaml', 'text/yaml', 'application/x-yaml'];
const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

const parse = json({ limit: MAX_BODY_BYTES, type: JSON_TYPES });
const parseDocument = json({ limit: MAX_DOCUMENT_BYTES, type: JSON_TYPES });
/** Only read here: whoever may not apply it shall not make us understand it. */
const readText = text({ limit: MAX_DOCUMENT_BYTES, type: YAML_TYPES, defaultCharset: 'utf-8' });

/** Reads JSON bodies, and YAML where a document is applied; what Postgres cannot hold (NUL, lone surrogates) is taken out. */
export function jsonBody(request: Request, response: Response, next: NextFunction): void {
  const isDocument = request.path === DOCUMENT_PATH;
  const isYaml = isDocument && Boolean(request.is(YAML_TYPES));
  if (hasBody(request) && !isYaml && !request.is(JSON_TYPES)) {
    next(new ApiError(415, 'unsupported_media_type', 'Send the body as application/json.'));
    return;
  }
  const read = isYaml ? readText : isDocument ? parseDocument : parse;
  read(request, response, (error?: unknown) => {
    if (error) {
      next(bodyError(error));
      return;
    }
    if (!isYaml) request.body = storableJson(request.body ?? {});
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
      return new ApiError(
        413,
        'body_too_large',
        'The body is larger than 1 MB (a document to apply: 8 MB).',
      );
    case 'entity.parse.failed':
      return new ApiError(400, 'malformed_json', 'The body is not valid JSON.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ApiError(415, 'unsupported_media_type', 'Send the body as UTF-8 JSON.');
    default:
      return new ApiError(400, 'malformed_body', 'The body could not be read.', { cause: error });
  }
}
