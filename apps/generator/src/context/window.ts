import type { ModelAccess } from '../models/model-access';
import { tokensOf } from './token-count';

/** What is assumed of a model whose window nobody entered: nearly all have more. */
const CAREFUL = 16_000;
/** Of a picture of the size that models scale them to. */
const PICTURE_TOKENS = 1_600;
/** Left for the answer. */
const ANSWER_SHARE = 0.25;
const MOST_FOR_ANSWER = 8_192;

/** Tokens that instructions, past and question may take together. */
export function roomOf(model: Pick<ModelAccess, 'contextTokens'> | null): number {
  const whole = model?.contextTokens ?? CAREFUL;
  return whole - Math.min(whole * ANSWER_SHARE, MOST_FOR_ANSWER);
}

export interface Weighed<T> {
  /** Oldest first; ends with the question, begins with a person's words. */
  readonly kept: readonly T[];
  /** Tokens of what is kept. */
  readonly used: number;
}

/** The newest messages that fit into `room` tokens, and always the question itself (the last one). */
export function withinRoom<
  T extends {
    readonly role: string;
    readonly text: string;
    readonly pictures?: readonly unknown[];
  },
>(history: readonly T[], room: number): Weighed<T> {
  const kept: T[] = [];
  let used = 0;
  for (const message of [...history].reverse()) {
    const tokens = tokensOf(message.text) + (message.pictures?.length ?? 0) * PICTURE_TOKENS;
    if (kept.length > 0 && used + tokens > room) break;
    used += tokens;
    kept.unshift(message);
  }
  while (kept.length > 1 && kept[0]?.role === 'assistant') kept.shift();
  return { kept, used };
}
