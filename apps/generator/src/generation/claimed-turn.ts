import type { Locale, Outcome } from '@common/domain';

import type { ModelAccess, Usage } from '../agents/agent.port';

/** A turn that this process owns for one attempt. */
export interface ClaimedTurn {
  readonly id: string;
  readonly tenantId: string;
  readonly channelId: string;
  readonly sessionId: string;
  readonly seq: number;
  readonly attempt: number;
  readonly lostAttempts: number;
  readonly locale: Locale;
  readonly isCancelRequested: boolean;
  readonly isChannelEnabled: boolean;
  readonly agent: {
    readonly kind: string;
    readonly instructions: string;
    readonly timeoutSeconds: number | null;
    readonly model: ModelAccess | null;
  } | null;
}

/** How generation ended: what the sender has to show, and what operators may know. */
export interface Ending {
  readonly outcome: Outcome;
  /** The answer, an error sentence, or the partial text marked as stopped. */
  readonly text: string;
  /** What later turns of the session remember of it; null: nothing. */
  readonly remembered: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly usage: Usage | null;
  /** The model that was used; null: none was. */
  readonly modelId: string | null;
  /** When the first words were written; null when there were none. For the timeline. */
  readonly firstWordsAt: Date | null;
}

/** What became of the agent's words; whoever ran it adds when they began and which model said them. */
export type EndingOfWords = Omit<Ending, 'firstWordsAt' | 'modelId'>;
