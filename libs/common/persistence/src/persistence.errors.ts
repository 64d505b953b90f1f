import { AppError } from '@common/kernel';

/** Postgres cannot be reached or is starting; what was asked may be asked again. */
export class DatabaseUnavailableError extends AppError {
  readonly code = 'database_unavailable';
  readonly retry = 'backoff';

  constructor(cause: unknown) {
    super('the database cannot be reached', { cause });
  }
}

/** Class 08 (connection) but for protocol violations, which are bugs; 57P (shutdown), 53 (resources); sockets. */
const AWAY = /^(080|57P|53)/;
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return AWAY.test(code) || SOCKET.has(code);
  // pg reports a dropped or slow connection without a code.
  const message = error instanceof Error ? error.message : '';
  return /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/.test(
    message,
  );
}

/**
 * Serialization failure, deadlock, lock not available, cancelled statement, a standby that is not the primary yet: the
 * same work may succeed the next time.
 */
const PASSING = new Set(['40001', '40P01', '55P03', '57014', '25006']);

/** Whether a failed transaction says nothing about its content: worth another try, nobody's fault. */
export const isPassingFailure = (error: unknown): boolean =>
  isDatabaseAway(error) || PASSING.has(sqlStateOf(error) ?? '');

/** The SQLSTATE of a failed statement, when Postgres gave one. */
export const sqlStateOf = (error: unknown): string | undefined =>
  typeof (error as { code?: unknown } | null)?.code === 'string'
    ? (error as { code: string }).code
    : undefined;
