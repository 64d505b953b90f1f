import { derivedId } from '@common/kernel';

import type { Tx } from './database';

export interface Feedback {
  readonly tenantId: string;
  readonly channelId: string;
  readonly memberId: string;
  /** Null: said of the bot as such. */
  readonly turnId: string | null;
  readonly agentVersionId: string | null;
  readonly kind: 'up' | 'down' | 'text';
  readonly text: string | null;
  /** The event that brought it; a second run keeps the same row. */
  readonly eventId: string;
}

/** Keeps what somebody says of an answer; said again of the same answer, it replaces what was said before. */
export async function keepFeedback(tx: Tx, feedback: Feedback): Promise<void> {
  await tx.query(KEEP, [
    derivedId('feedback', feedback.eventId),
    feedback.tenantId,
    feedback.channelId,
    feedback.turnId,
    feedback.agentVersionId,
    feedback.memberId,
    feedback.kind,
    feedback.text,
  ]);
}

const KEEP = `
INSERT INTO feedback (id, tenant_id, channel_id, turn_id, agent_version_id, member_id, kind, text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (turn_id, member_id, kind) DO UPDATE SET text = EXCLUDED.text, updated_at = now()`;
