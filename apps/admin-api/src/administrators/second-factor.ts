import { Secret, TOTP } from 'otpauth';

const PERIOD_SECONDS = 30;

const totpOf = (secret: string, email = ''): TOTP =>
  new TOTP({
    issuer: 'Carillon',
    label: email,
    secret: Secret.fromBase32(secret),
    period: PERIOD_SECONDS,
  });

export function newSecondFactor(email: string): { readonly secret: string; readonly url: string } {
  const secret = new Secret({ size: 20 }).base32;
  return { secret, url: totpOf(secret, email).toString() };
}

/** The period (RFC 6238) whose code this is: the present one or a neighbour, for clocks differ; null for none. */
export function periodOfCode(secret: string, code: string, nowMs: number): number | null {
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window: 1 });
  return delta === null ? null : Math.floor(nowMs / 1_000 / PERIOD_SECONDS) + delta;
}
