import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Request, Response } from 'express';

export const SESSION_COOKIE = 'carillon_session';
/** Longest life of a session, and of one that nobody uses. */
export const SESSION_HOURS = 12;
export const IDLE_MINUTES = 30;

export const newSessionToken = (): string => randomBytes(32).toString('base64url');
export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What a page sends along with every write: it can be read from the answer to a login, and not from the cookie. */
export const csrfTokenOf = (token: string): string =>
  createHmac('sha256', token).update('carillon csrf').digest('base64url');

export function isCsrfToken(given: unknown, token: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(csrfTokenOf(token))];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The session of a request's cookie. */
export function sessionTokenOf({ headers: { cookie } }: Request): string | undefined {
  const found = (cookie ?? '').split(/; */).find((one) => one.startsWith(`${SESSION_COOKIE}=`));
  const token = found?.slice(SESSION_COOKIE.length + 1);
  return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
}

export function setSessionCookie(request: Request, response: Response, token: string | null): void {
  response.cookie(SESSION_COOKIE, token ?? '', {
    httpOnly: true,
    sameSite: 'strict',
    // Plain HTTP on loopback is fine; behind a proxy the proxy says what the browser sees.
    secure: request.secure || request.headers['x-forwarded-proto'] === 'https',
    path: '/api',
    maxAge: token === null ? 0 : SESSION_HOURS * 3_600_000,
  });
}
