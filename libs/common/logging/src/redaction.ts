/** Fields whose values never reach a log line, wherever they stand (P8). */
const SECRET_FIELD =
  /^(authorization|.*secret.*|.*password.*|.*api[-_]?key.*|.*token.*|ticket|.*webhook.*|master[-_]?keys?|database_url|redis_url|downloadurl|cookie)$/i;
/** Secrets inside sentences: credentials of a URL, tickets, tokens, session links. */
const SECRET_TEXT: readonly [RegExp, string][] = [
  [/(\w+:\/\/[^/\s:@]*):[^@\s/]+@/g, '$1:***@'],
  [/((?:access_)?token|ticket|session|appsecret|sign|signature)=[^&\s"']+/gi, '$1=***'],
  [/(Bearer\s+)[\w.~+/=-]+/gi, '$1***'],
  [/\b(sk-|cak_)[\w-]{8,}/g, '$1***'],
];

export const redactedText = (text: string): string =>
  SECRET_TEXT.reduce((clean, [pattern, stars]) => clean.replace(pattern, stars), text);

/** A copy of a log object without secrets. Errors keep name, code, message and stack. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactedText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth > 6) return '[deep]';
  if (value instanceof Error) return redactedError(value, depth);
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redacted(item, depth + 1));
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function')
    return redacted((value as { toJSON(): unknown }).toJSON(), depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_FIELD.test(key) &&
      item !== null &&
      typeof item !== 'boolean' &&
      typeof item !== 'number'
        ? '***'
        : redacted(item, depth + 1),
    ]),
  );
}

function redactedError(error: Error, depth: number): Record<string, unknown> {
  const { code, details } = error as { code?: unknown; details?: unknown };
  return {
    type: error.name,
    message: redactedText(error.message),
    ...(code === undefined ? {} : { code }),
    ...(details === undefined ? {} : { details: redacted(details, depth + 1) }),
    ...(error.stack === undefined ? {} : { stack: redactedText(error.stack) }),
    ...(error.cause === undefined || depth > 3 ? {} : { cause: redacted(error.cause, depth + 1) }),
  };
}
