import type { ConversationKind } from '@common/domain';

import type { Tx } from './database';

/** Rows that were committed and now want a job each. */
export interface Work {
  readonly turn?: { readonly id: string; readonly wake: number };
  readonly delivery?: { readonly id: string; readonly wake: number };
}

/** Where a delivery goes; the JSON of `delivery.target`. */
export interface DeliveryTarget {
  readonly kind: ConversationKind;
  /** The platform's id. */
  readonly conversationId: string;
  /** Null for people outside the organisation: no card and no 1:1 message reaches them (C52). */
  readonly staffId: string | null;
  readonly name: string | null;
  readonly robotCode: string;
}

interface ActivatedRow {
  turn_id: string | null;
  turn_wake: number;
  delivery_id: string;
  delivery_wake: number;
}

export const workOf = (row: ActivatedRow | undefined): Work =>
  row?.turn_id
    ? {
        turn: { id: row.turn_id, wake: row.turn_wake },
        delivery: { id: row.delivery_id, wake: row.delivery_wake },
      }
    : {};

/** Activates the thread's first queued turn unless one is open. The caller holds the thread's row lock. */
export async function activateNext(tx: Tx, tenantId: string, threadId: string): Promise<Work> {
  const [row] = await tx.query<ActivatedRow>(
    { name: 'turn.activate', text: 'SELECT * FROM activate_next_turn($1, $2)' },
    [tenantId, threadId],
  );
  return workOf(row);
}
