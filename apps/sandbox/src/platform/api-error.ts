import { randomUUID } from 'node:crypto';

/** An answer of the new API that is an error: real HTTP status, `{code, requestid, message}` (§1.5). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** An answer of the legacy API that is an error: HTTP 200, `{errcode, errmsg}` (§1.5). */
export class LegacyError extends Error {
  constructor(
    readonly errcode: number,
    message: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** What goes out. `body`: object → JSON, string → as is, undefined → empty. */
export interface ApiReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer that an error stands for. Unexpected ones become the platform's own 500. */
export function replyOf(error: unknown): ApiReply {
  if (error instanceof ApiError) {
    const { status, code, message, extra } = error;
    return { status, body: { code, requestid: randomUUID().toUpperCase(), message, ...extra } };
  }
  if (error instanceof LegacyError) {
    return { status: 200, body: { errcode: error.errcode, errmsg: error.message, ...error.extra } };
  }
  const message = error instanceof Error ? error.message : 'unknown';
  return {
    status: 500,
    body: { code: 'system.error', requestid: randomUUID().toUpperCase(), message },
  };
}

export const badRequest = (code: string, message = code): ApiError =>
  new ApiError(400, code, message);
