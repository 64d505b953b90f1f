import type { ConversationKind, Locale } from '@common/domain';

import { type ModelRow, toModelAccess } from '../models/model-row';
import type { Pause } from '../tools/suspension';
import type { ClaimedAgent, ClaimedTurn } from './claimed-turn';

/** What the claim of a turn gives back: the turn with its agent and model, all that answering it needs. */
export interface ClaimRow extends ModelRow {
  verdict: 'claimed' | 'waiting';
  id: string;
  channel_id: string;
  session_id: string;
  seq: string;
  attempt: number;
  lost_attempts: number;
  locale: Locale;
  cancelled: boolean;
  channel_enabled: boolean;
  has_budgets: boolean;
  kind: string | null;
  instructions: string | null;
  limits: { timeoutSeconds?: number; maxSteps?: number } | null;
  agent_id: string;
  tools: ClaimedAgent['tools'] | null;
  show_reasoning: boolean;
  endpoint_url: string | null;
  endpoint_secret: Buffer | null;
  endpoint_trusted: boolean;
  fallback_model_id: string | null;
  pause: Pause | null;
  member_id: string;
  conversation_kind: ConversationKind;
}

export function toTurn(row: ClaimRow, tenantId: string): ClaimedTurn {
  return {
    id: row.id,
    tenantId,
    channelId: row.channel_id,
    memberId: row.member_id,
    isDirect: row.conversation_kind === 'direct',
    sessionId: row.session_id,
    seq: Number(row.seq),
    attempt: row.attempt,
    lostAttempts: row.lost_attempts,
    locale: row.locale,
    isCancelRequested: row.cancelled,
    isChannelEnabled: row.channel_enabled,
    hasBudgets: row.has_budgets,
    pause: row.pause,
    agent: row.kind === null ? null : { ...agentOf(row), kind: row.kind },
  };
}

const agentOf = (row: ClaimRow): Omit<ClaimedAgent, 'kind'> => ({
  id: row.agent_id,
  instructions: row.instructions ?? '',
  timeoutSeconds: row.limits?.timeoutSeconds ?? null,
  maxSteps: row.limits?.maxSteps ?? null,
  tools: row.tools ?? [],
  showsReasoning: row.show_reasoning,
  endpoint:
    row.endpoint_url === null
      ? null
      : {
          url: row.endpoint_url,
          secret: row.endpoint_secret,
          isTrustedAddress: row.endpoint_trusted,
        },
  model: toModelAccess(row),
  fallbackModelId: row.fallback_model_id,
});
