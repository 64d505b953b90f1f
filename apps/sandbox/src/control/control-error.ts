import type { ErrorRequestHandler, RequestHandler } from 'express';
import { z } from 'zod';

/** A control request that cannot be done. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const notFound = (what: string): ControlError =>
  new ControlError(404, 'not_found', `${what} does not exist`);

/** The request's JSON, checked. An empty body counts as {}. @throws ControlError naming every wrong field */
export function readBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  let value: unknown = {};
  try {
    if (Buffer.isBuffer(body) && body.length > 0) value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new ControlError(400, 'bad_json', 'the body is no JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ControlError(400, 'bad_request', z.prettifyError(parsed.error));
}

/**
 * The control API is for tests and for the sandbox's own page. A page of another origin must not use it through a
 * visitor's browser: such requests carry a foreign Origin.
 */
export const sameOriginOnly: RequestHandler = (req, _res, next) => {
  const { origin, host } = req.headers;
  if (!origin || (URL.canParse(origin) && new URL(origin).host === host)) return next();
  throw new ControlError(
    403,
    'foreign_origin',
    'the control API answers its own page and tests only',
  );
};

export const controlErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  if (error instanceof ControlError) {
    res.status(error.status).json({ code: error.code, message: error.message });
    return;
  }
  const message = error instanceof Error ? error.message : 'unknown';
  res.status(500).json({ code: 'internal', message });
};
