import type { Locale, Outcome } from '@common/domain';

import type { Usage } from '../agents/usage-tally';
import type { Pause } from '../tools/suspension';
import type { ModelAccess } from '../models/model-access';

/** Where an agent of another house lives. */
export interface AgentEndpoint {
  readonly url: string;
  /** Sealed. */
  readonly secret: Buffer | null;
  readonly isTrustedAddress: boolean;
}

/** The agent as it was when the turn was opened. */
export interface ClaimedAgent {
  readonly id: string;
  readonly kind: string;
  readonly instructions: string;
  readonly timeoutSeconds: number | null;
  readonly maxSteps: number | null;
  /** Names of built-in tools and ids of tool servers. */
  readonly tools: readonly unknown[];
  readonly showsReasoning: boolean;
  readonly endpoint: AgentEndpoint | null;
  readonly model: ModelAccess | null;
  readonly fallbackModelId: string | null;
}

/** A turn that this process owns for one attempt. */
export interface ClaimedTurn {
  readonly id: string;
  readonly tenantId: string;
  readonly channelId: string;
  readonly memberId: string;
  /** A person alone with the bot. */
  readonly isDirect: boolean;
  readonly sessionId: string;
  readonly seq: number;
  readonly attempt: number;
  readonly lostAttempts: number;
  readonly locale: Locale;
  readonly isCancelRequested: boolean;
  readonly isChannelEnabled: boolean;
  /** Whether its tenant had any budget when it was claimed. */
  readonly hasBudgets: boolean;
  /** It waited for a person, and goes on from here. */
  readonly pause: Pause | null;
  readonly agent: ClaimedAgent | null;
}

/** How generation ended: what the sender has to show, and what operators may know. */
export interface Ending {
  readonly outcome: Outcome;
  /** The answer, an error sentence, or the partial text marked as stopped. */
  readonly text: string;
  /** What later turns of the session remember of it; null: nothing. */
  readonly remembered: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** The words broke off and another attempt may bring them whole. */
  readonly isBroken?: boolean;
  readonly usage: Usage | null;
  /** The model that was used; null: none was. */
  readonly modelId: string | null;
  /** When the first words were written; null when there were none. For the timeline. */
  readonly firstWordsAt: Date | null;
}

/** What became of the agent's words; whoever ran it adds when they began and what they cost. */
export type EndingOfWords = Omit<Ending, 'firstWordsAt' | 'modelId' | 'usage'>;
