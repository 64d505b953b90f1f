import type { FileReason, Locale } from '@common/domain';

import type { AnswerFile } from '../answer-files/answer-file';
import type { Attachment } from '../attachments/attachment';
import type { AgentEndpoint } from '../generation/claimed-turn';
import type { ModelAccess } from '../models/model-access';
import type { ContentPart } from '../models/model-provider.port';
import type { Pause } from '../tools/suspension';
import type { Toolbox } from '../tools/toolbox.port';
import type { UsageTally } from './usage-tally';

export interface HistoryMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Pictures that came with the words, as a model is shown them. */
  readonly images?: readonly Extract<ContentPart, { kind: 'image' }>[];
  /** Everything that came with them, for agents of other houses. */
  readonly attachments?: readonly Attachment[];
}

/** What agents of other houses need to know: where they live, and for whom they answer (ids of ours, never sent). */
export interface OutsideQuestion {
  readonly endpoint: AgentEndpoint;
  readonly tenantId: string;
  readonly agentId: string;
  readonly sessionId: string;
  readonly memberId: string;
}

/** What an agent is told: nothing of the platform, only words. */
export interface Question {
  readonly turnId: string;
  readonly locale: Locale;
  readonly instructions: string;
  readonly model: ModelAccess | null;
  /** Asked when the model cannot answer. */
  readonly fallback: () => Promise<ModelAccess | null>;
  /** An earlier attempt broke off after its first words: begin with the fallback. */
  readonly prefersFallback: boolean;
  readonly timeoutSeconds: number | null;
  /** Whether the person sees what a model thinks. */
  readonly showsReasoning: boolean;
  /** Oldest first; the last message is the question. */
  readonly history: readonly HistoryMessage[];
  /** The question is nothing but files that cannot be read, for this reason. */
  readonly unreadable?: FileReason | null;
  readonly tools: Toolbox | null;
  readonly outside: OutsideQuestion | null;
  /** The turn waited for a person; go on from here. */
  readonly pause: Pause | null;
  readonly tally: UsageTally;
}

/**
 * Pieces of the answer as they come. An `aside` is shown before the text and not remembered (reasoning); a `note` is one
 * line about what is being done, shown until the next words. A `file` comes with the answer.
 */
export type AnswerPart =
  | { readonly text: string; readonly aside?: string }
  | { readonly note: string }
  | { readonly file: AnswerFile };

/** Who answers. */
export abstract class Agent {
  /**
   * @throws ModelError when no (further) answer can be had
   * @throws Suspension when a person has to agree first
   * @throws the signal's reason when aborted
   */
  abstract answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart>;
}
