import type { Locale } from '@common/domain';

export interface HistoryMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface ModelAccess {
  readonly id: string;
  readonly provider: 'openai-compatible' | 'anthropic' | 'demo';
  readonly baseUrl: string | null;
  /** Sealed. */
  readonly apiKey: Buffer | null;
  readonly upstreamModel: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  /** Its address may be private: a platform key wrote it. */
  readonly isTrustedAddress: boolean;
}

/** What an agent is told: nothing of the platform, only words. */
export interface Question {
  readonly turnId: string;
  readonly locale: Locale;
  readonly instructions: string;
  readonly model: ModelAccess | null;
  readonly timeoutSeconds: number | null;
  /** Oldest first; the last message is the question. */
  readonly history: readonly HistoryMessage[];
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Pieces of the answer as they come; `usage` at most once, at the end. */
export type AnswerPart = { readonly text: string } | { readonly usage: Usage };

/** Who answers. */
export abstract class Agent {
  /**
   * @throws ModelError when no (further) answer can be had
   * @throws the signal's reason when aborted
   */
  abstract answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart>;
}
