import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import { ApiError } from '../http/api.errors';

/** Failures that are free; each one after doubles the pause, up to a quarter of an hour. */
const FREE_FAILURES = 5;
const FREE_FAILURES_OF_ADDRESS = 20;
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 900;

/** Slows down whoever guesses: counted in Postgres, so all replicas count together. Only hashes of addresses are kept. */
@Injectable()
export class LoginBrake {
  constructor(private readonly database: Database) {}

  /** @throws ApiError 429 while the person or the address has to wait */
  async check(email: string, ip: string | null): Promise<void> {
    const rows = await this.database.platformOnce<{ wait: number }>(WAIT, [
      ...[keysOf(email, ip), [FREE_FAILURES, FREE_FAILURES_OF_ADDRESS]],
      ...[FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS],
    ]);
    const wait = Math.max(0, ...rows.map((row) => row.wait));
    if (wait > 0)
      throw new ApiError(429, 'too_many_attempts', `Too many failed logins: wait ${wait} s.`);
  }

  async failed(email: string, ip: string | null): Promise<void> {
    await this.database.platformOnce(FAILED, [keysOf(email, ip)]);
  }

  async succeeded(email: string): Promise<void> {
    await this.database.platformOnce('DELETE FROM login_failure WHERE key = $1', [
      keysOf(email, null)[0],
    ]);
  }
}

const keysOf = (email: string, ip: string | null): Buffer[] =>
  [`person ${email}`, ...(ip === null ? [] : [`address ${ip}`])].map((text) =>
    createHash('sha256').update(text).digest(),
  );

const WAIT = `
SELECT GREATEST(0, ceil(extract(epoch FROM f.last_at - now()) +
    LEAST($4, $3 * 2 ^ LEAST(f.failures - ($2::int[])[k.n], 20))))::int AS wait
  FROM unnest($1::bytea[]) WITH ORDINALITY AS k (key, n) JOIN login_failure f ON f.key = k.key
 WHERE f.failures >= ($2::int[])[k.n]`;
// An hour without a failure is a new beginning.
const FAILED = `
INSERT INTO login_failure AS f (key, failures) SELECT k, 1 FROM unnest($1::bytea[]) AS k ORDER BY k
ON CONFLICT (key) DO UPDATE SET last_at = now(),
  failures = CASE WHEN f.last_at < now() - interval '1 hour' THEN 1 ELSE f.failures + 1 END`;
