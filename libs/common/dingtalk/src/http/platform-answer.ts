import { asObject } from '../wire/tolerant';

/** An HTTP answer of the platform, read tolerantly (C8): whatever the body is, this never throws. */
export interface PlatformAnswer {
  readonly status: number;
  /** The JSON object in the body; null when the body is empty, cut, HTML, XML or no object. */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly isHtml: boolean;
  /** The platform's error code (`code`, any case); null when there is none or it is no code. */
  readonly code: string | null;
  readonly requestId: string | null;
  readonly requiredScopes: readonly string[];
  readonly retryAfterMs: number | null;
}

/** A page, as opposed to the XML that some APIs fall back to. */
const HTML = /^\s*<(?:!doctype\s+html|html|head|body|script|title|center)\b/i;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export function readAnswer(status: number, headers: Headers, text: string): PlatformAnswer {
  const body = asObject(text);
  const fields = lowerCased(body);
  const denied = lowerCased(asObject(fields['accessdenieddetail']));
  return {
    status,
    body,
    isHtml: HTML.test(text),
    code: token(fields['code']),
    requestId: token(fields['requestid'] ?? fields['request_id'] ?? headers['x-acs-request-id']),
    requiredScopes: scopes(denied['requiredscopes']),
    retryAfterMs: retryAfter(headers['retry-after']),
  };
}

/**
 * The egress address is banned for five minutes (messaging reference §7.1): `status` 1111 instead of the usual shape,
 * whatever the HTTP status, or an HTML page where JSON was due.
 */
export const isIpBan = ({ status, body, isHtml }: PlatformAnswer): boolean =>
  Number(body?.['status']) === 1111 || (isHtml && (status === 200 || status === 403));

function lowerCased(object: Readonly<Record<string, unknown>> | null): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  );
}

/** Codes and ids end up in logs: only what looks like one is taken, so that no echoed secret slips through. */
function token(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value) ? value : null;
}

function scopes(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((scope) => token(scope) ?? []).slice(0, 20);
}

function retryAfter(value: string | string[] | undefined): number | null {
  const seconds = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return seconds >= 0 && seconds <= 3_600 ? seconds * 1_000 : null;
}
