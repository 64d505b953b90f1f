import { createHash } from 'node:crypto';

import type { Database, Tx } from '../database';

/** What is wrong with the first row that is not as it was written. */
export type AuditBreach =
  'changed' | 'content_changed' | 'content_missing' | 'missing' | 'cut_off' | 'wrong_beginning';

export interface AuditVerdict {
  readonly isWhole: boolean;
  readonly rows: number;
  /** Of the first broken row: its number in the chain, and its id where it is still there. */
  readonly firstBroken: {
    readonly seq: string;
    readonly id: string | null;
    readonly breach: AuditBreach;
  } | null;
  /** Where the chain begins and ends. Whoever keeps the last hash elsewhere can prove that nothing before it changed. */
  readonly firstSeq: string;
  readonly lastSeq: string;
  readonly lastHash: string;
}

interface Head {
  seq: string;
  hash: Buffer;
  first_seq: string;
  anchor: Buffer;
}
interface Row {
  seq: string;
  id: string;
  hash: Buffer;
  content: string;
  content_digest: Buffer;
  /** Null: erased. */
  salted: string | null;
  said: { firstSeq?: number; anchor?: string; redacted?: string[] } | null;
  action: string;
}

const BATCH = 1_000;
const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Reads a tenant's whole audit log and says whether it is what was written, row for row; else which row is the first. */
export function verifyAudit(database: Database, tenantId: string): Promise<AuditVerdict> {
  // One snapshot: rows that come meanwhile are another time's.
  return database.inTenant(tenantId, async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const [head] = await tx.query<Head & Record<string, unknown>>(
      'SELECT seq, hash, first_seq, anchor FROM audit_head WHERE tenant_id = $1',
      [tenantId],
    );
    return head ? new Chain(tx, tenantId, head).verify() : EMPTY;
  });
}

const EMPTY: AuditVerdict = {
  ...{ isWhole: true, rows: 0, firstBroken: null },
  ...{ firstSeq: '1', lastSeq: '0', lastHash: '' },
};

class Chain {
  private rows = 0;
  private before: Buffer;
  private expected: bigint;
  /** Rows whose content is gone; a later row must say that it was erased. */
  private readonly bare = new Map<string, string>();
  private isBeginningSaid: boolean;

  constructor(
    private readonly tx: Tx,
    private readonly tenantId: string,
    private readonly head: Head,
  ) {
    this.before = head.anchor;
    this.expected = BigInt(head.first_seq);
    this.isBeginningSaid = this.expected === 1n && head.anchor.length === 0;
  }

  async verify(): Promise<AuditVerdict> {
    for (;;) {
      const batch = await this.tx.query<Row & Record<string, unknown>>(ROWS, [
        ...[this.tenantId, String(this.expected), BATCH],
      ]);
      for (const row of batch) {
        const breach = this.breachOf(row);
        if (breach) return this.verdict(breach);
        this.take(row);
      }
      if (batch.length < BATCH) return this.verdict(this.breachAtEnd());
    }
  }

  private breachOf(row: Row): AuditVerdict['firstBroken'] {
    const expected = String(this.expected);
    if (row.seq !== expected) return { seq: expected, id: null, breach: 'missing' };
    const at = { seq: row.seq, id: row.id };
    if (!sha256(this.before, row.content).equals(row.hash)) return { ...at, breach: 'changed' };
    if (row.salted !== null && !sha256(row.salted).equals(row.content_digest))
      return { ...at, breach: 'content_changed' };
    return null;
  }

  private take({ seq, id, hash, salted, said, action }: Row): void {
    this.rows += 1;
    this.before = hash;
    this.expected += 1n;
    if (salted === null) this.bare.set(seq, id);
    if (action === 'member.erase') for (const one of said?.redacted ?? []) this.bare.delete(one);
    if (action === 'audit.expire')
      this.isBeginningSaid ||=
        String(said?.firstSeq) === this.head.first_seq &&
        said?.anchor === this.head.anchor.toString('hex');
  }

  private breachAtEnd(): AuditVerdict['firstBroken'] {
    const { head } = this;
    const next = String(this.expected);
    if (String(this.expected - 1n) !== head.seq || !this.before.equals(head.hash))
      return { seq: next, id: null, breach: 'cut_off' };
    if (!this.isBeginningSaid) return { seq: head.first_seq, id: null, breach: 'wrong_beginning' };
    const [bare] = this.bare;
    return bare ? { seq: bare[0], id: bare[1], breach: 'content_missing' } : null;
  }

  private verdict(firstBroken: AuditVerdict['firstBroken']): AuditVerdict {
    const { head, rows } = this;
    return {
      ...{ isWhole: firstBroken === null, rows, firstBroken },
      ...{ firstSeq: head.first_seq, lastSeq: head.seq, lastHash: head.hash.toString('hex') },
    };
  }
}

const ROWS = `
SELECT a.seq, a.id, a.hash, a.action, a.content_digest, audit_content(a) AS content, a.after AS said,
  CASE WHEN a.content_salt IS NOT NULL THEN jsonb_build_array(a.content_salt, a.before, a.after)::text END AS salted
FROM audit_log a WHERE a.tenant_id = $1 AND a.seq >= $2 ORDER BY a.seq LIMIT $3`;
