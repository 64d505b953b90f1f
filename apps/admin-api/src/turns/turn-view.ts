import { iso, isoOrNull } from '../http/wire';
import type { TurnView } from './turns.dto';
import type { TurnRow } from './turns.repository';

/** A turn as clients see it. */
export const viewOfTurn = (row: TurnRow): TurnView => ({
  id: row.id,
  channelId: row.channel_id,
  sessionId: row.session_id,
  memberId: row.member_id,
  state: row.state,
  outcome: row.outcome,
  attempt: row.attempt,
  queuePosition: row.queue_position,
  agentVersionId: row.agent_version_id,
  error:
    row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  delivery:
    row.delivery_state === null ? null : { state: row.delivery_state, way: row.delivery_way },
  createdAt: iso(row.created_at),
  endedAt: isoOrNull(row.ended_at),
  platformMessageIds: row.platform_message_ids,
  retryOf: row.retry_of,
  cancelRequestedAt: isoOrNull(row.cancel_requested_at),
});
