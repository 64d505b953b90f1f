import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Database } from '@common/persistence';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { LeaseLostError } from '../platform/lease';

export interface Piece {
  readonly n: number;
  readonly total: number;
  readonly text: string;
  readonly state: 'pending' | 'sending' | 'sent';
  /** How often sending it was begun. */
  readonly tries: number;
}

/** From this number on: what is said before the answer. No answer has so many pieces. */
export const ASIDES = 1_000;

/** The pieces of a text answer as rows: "sending" is written before the call, "sent" after it. */
@Injectable()
export class PieceRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /** Writes the pieces down unless an earlier attempt did, and reads what became of them. */
  async prepare(
    { tenantId, id }: ClaimedDelivery,
    texts: readonly string[],
    firstNumber: number,
    endNumber = ASIDES,
  ): Promise<Piece[]> {
    const total = firstNumber - 1 + texts.length;
    await this.database.inTenantOnce(tenantId, { name: 'piece.prepare', text: PREPARE }, [
      tenantId,
      id,
      texts.map((_, index) => firstNumber + index),
      total,
      texts,
    ]);
    return this.database.inTenantOnce<Piece & Record<string, unknown>>(
      tenantId,
      { name: 'piece.read', text: READ },
      [tenantId, id, firstNumber, endNumber],
    );
  }

  /** @throws LeaseLostError when the delivery is no longer ours */
  async begin(delivery: ClaimedDelivery, n: number, possiblyTwice: boolean): Promise<void> {
    const rows = await this.database.inTenantOnce(
      delivery.tenantId,
      { name: 'piece.begin', text: BEGIN },
      [delivery.tenantId, delivery.id, n, this.incarnation.id, delivery.attempt, possiblyTwice],
    );
    if (rows.length === 0) throw new LeaseLostError();
  }

  /** The call certainly had no effect: the piece is as if it had not been begun. */
  async notSent({ tenantId, id, attempt }: ClaimedDelivery, n: number): Promise<void> {
    await this.database.inTenantOnce(tenantId, { name: 'piece.not-sent', text: NOT_SENT }, [
      tenantId,
      id,
      n,
      this.incarnation.id,
      attempt,
    ]);
  }

  async sent(
    { tenantId, id }: ClaimedDelivery,
    n: number,
    way: 'webhook' | 'robot',
  ): Promise<void> {
    await this.database.inTenantOnce(tenantId, { name: 'piece.sent', text: SENT }, [
      tenantId,
      id,
      n,
      way,
    ]);
  }
}

const PREPARE = `
INSERT INTO delivery_piece (tenant_id, delivery_id, n, total, text)
SELECT $1, $2, n, $4, text FROM unnest($3::int[], $5::text[]) AS p (n, text)
ON CONFLICT DO NOTHING`;

const READ = `
SELECT n, total, text, state, tries FROM delivery_piece
 WHERE tenant_id = $1 AND delivery_id = $2 AND n >= $3 AND n < $4 ORDER BY n`;

const BEGIN = `
UPDATE delivery_piece p SET state = 'sending', tries = p.tries + 1, possibly_twice = p.possibly_twice OR $6
  FROM delivery d
 WHERE p.tenant_id = $1 AND p.delivery_id = $2 AND p.n = $3 AND p.state <> 'sent'
   AND d.id = p.delivery_id AND d.state = 'open' AND d.owner = $4 AND d.attempt = $5
RETURNING p.n`;

const NOT_SENT = `
UPDATE delivery_piece p
   SET tries = p.tries - 1, state = CASE WHEN p.tries = 1 THEN 'pending' ELSE p.state END
  FROM delivery d
 WHERE p.tenant_id = $1 AND p.delivery_id = $2 AND p.n = $3 AND p.state = 'sending'
   AND d.id = p.delivery_id AND d.state = 'open' AND d.owner = $4 AND d.attempt = $5`;

const SENT = `
UPDATE delivery_piece SET state = 'sent', way = $4, sent_at = now()
 WHERE tenant_id = $1 AND delivery_id = $2 AND n = $3`;
