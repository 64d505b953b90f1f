import { Injectable } from '@nestjs/common';

import { SecretBox } from '@common/kernel';
import { Database, type Tx } from '@common/persistence';

/** What a caller was answered, so that the same question gets the same answer. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `mine`: run it now. `running`: another request with this key is at work. */
export type Claim =
  | { readonly kind: 'mine' }
  | { readonly kind: 'running' }
  | { readonly kind: 'other_request' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer };

interface Row {
  request_hash: string;
  status: number | null;
  body: { sealed: string } | null;
}

/** Answers are kept for a day, sealed: the answer to "create a key" is the key (P8). */
@Injectable()
export class IdempotencyRepository {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async claim(scope: string, key: string, requestHash: string): Promise<Claim> {
    const [mine] = await this.database.platformOnce(CLAIM, [scope, key, requestHash]);
    if (mine) return { kind: 'mine' };
    const [row] = await this.database.platformOnce<Row>(READ, [scope, key]);
    // Given up between the two statements: the caller may try again.
    if (!row) return { kind: 'running' };
    if (row.request_hash !== requestHash) return { kind: 'other_request' };
    if (row.status === null) return { kind: 'running' };
    return { kind: 'answered', answer: { status: row.status, body: this.open(row.body) } };
  }

  async keep(
    on: Tx | undefined,
    { scope, key }: { readonly scope: string; readonly key: string },
    answer: KeptAnswer,
  ): Promise<void> {
    const sealed = this.box.seal(JSON.stringify(answer.body ?? null)).toString('base64');
    const values = [scope, key, answer.status, JSON.stringify({ sealed })];
    await (on ? on.query(KEEP, values) : this.database.platformOnce(KEEP, values));
  }

  /** After a failure the same key may be used again. */
  async giveUp(scope: string, key: string): Promise<void> {
    await this.database.platformOnce(
      'DELETE FROM idempotency_key WHERE scope = $1 AND key = $2 AND status IS NULL',
      [scope, key],
    );
  }

  private open(body: Row['body']): unknown {
    if (!body) return null;
    return JSON.parse(this.box.openText(Buffer.from(body.sealed, 'base64')));
  }
}

// A claim whose process died is free after a minute, an answer is forgotten after a day.
const CLAIM = {
  name: 'idempotency.claim',
  text: `INSERT INTO idempotency_key AS k (scope, key, request_hash) VALUES ($1, $2, $3)
    ON CONFLICT (scope, key) DO UPDATE
      SET request_hash = excluded.request_hash, status = NULL, body = NULL, created_at = now()
      WHERE k.created_at < now() - interval '1 day'
        OR (k.status IS NULL AND k.created_at < now() - interval '1 minute' AND k.request_hash = excluded.request_hash)
    RETURNING 1`,
};
const READ = {
  name: 'idempotency.read',
  text: 'SELECT request_hash, status, body FROM idempotency_key WHERE scope = $1 AND key = $2',
};
const KEEP = {
  name: 'idempotency.keep',
  text: 'UPDATE idempotency_key SET status = $3, body = $4 WHERE scope = $1 AND key = $2',
};
