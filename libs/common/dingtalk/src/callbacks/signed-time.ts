import type { Secret } from '@common/config';

import { CallbackRefusedError } from './callback.errors';
import { cardSignature, isInWindow, isSameText, robotSignature } from './callback-signatures';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * A robot message over HTTP (messaging reference §4.1): `timestamp` and `sign` prove the platform, by any of the app's
 * secrets while one is being replaced. @throws CallbackRefusedError
 */
export const verifyRobotHeaders = (
  headers: Headers,
  appSecrets: readonly Secret[],
  nowMs: number,
): void =>
  verify(headers, ['timestamp', 'sign'], nowMs, (time) =>
    appSecrets.map((secret) => robotSignature(time, secret)),
  );

/**
 * A card action over HTTP (enterprise reference §F.4).
 * @returns the signed time, which names this push @throws CallbackRefusedError
 */
export function verifyCardHeaders(
  headers: Headers,
  apiSecrets: readonly Secret[],
  nowMs: number,
): string {
  const names = ['x-ddpaas-signature-timestamp', 'x-ddpaas-signature'] as const;
  verify(headers, names, nowMs, (time) => apiSecrets.map((secret) => cardSignature(time, secret)));
  return String(headers[names[0]]);
}

function verify(
  headers: Headers,
  [timeName, signName]: readonly [string, string],
  nowMs: number,
  signaturesOf: (time: string) => readonly string[],
): void {
  const [time, sign] = [headers[timeName], headers[signName]];
  if (typeof time !== 'string' || typeof sign !== 'string')
    throw new CallbackRefusedError('signature_missing');
  if (!isInWindow(time, nowMs)) throw new CallbackRefusedError('outside_window');
  // Each is compared, so that the time does not tell which of them was right.
  const isRight = signaturesOf(time).filter((wanted) => isSameText(wanted, sign)).length > 0;
  if (!isRight) throw new CallbackRefusedError('signature_wrong');
}
