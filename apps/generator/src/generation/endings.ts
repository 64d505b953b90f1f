import { fileReason, type FileReason, referenceOf, say, type SentenceKey } from '@common/domain';
import { codeOf } from '@common/kernel';

import { ModelError } from '../models/model.errors';
import type { ClaimedTurn, EndingOfWords as Ending } from './claimed-turn';

/** A whole answer; `remembered` is what later turns know of it. */
export function answered(turn: ClaimedTurn, text: string, remembered = text): Ending {
  if (text.trim() === '')
    return failed(turn, 'emptyAnswer', 'empty_answer', 'the model gave no words');
  return { outcome: 'answered', text, remembered, error: null };
}

/** Stopped on request: what there was, marked. */
export function cancelled(turn: ClaimedTurn, partial: string): Ending {
  const mark = say('stopped', turn.locale);
  const text = partial.trim() === '' ? mark : `${partial.trimEnd()}\n\n${mark}`;
  return {
    outcome: 'cancelled',
    text,
    remembered: partial.trim() === '' ? null : text,
    error: null,
  };
}

/** The channel was switched off while the turn waited. */
export function refusedByChannel(turn: ClaimedTurn): Ending {
  return {
    outcome: 'cancelled',
    text: say('channelDisabled', turn.locale),
    remembered: null,
    error: { code: 'channel_disabled', message: 'the channel was disabled before the turn began' },
  };
}

/** A content rule forbids the question, or the answer. */
export const contentDenied = (turn: ClaimedTurn): Ending =>
  failed(turn, 'contentDenied', 'content_denied', 'a content rule forbids it');

/** Nothing but files came, and none of them can be read. */
export const filesNotRead = (turn: ClaimedTurn, reason: FileReason): Ending => ({
  ...failed(turn, 'answerFailed', reason, 'what was sent cannot be read'),
  text: say('filesNotRead', turn.locale, { reason: fileReason(reason, turn.locale) }),
});

/** What may be spent is spent. */
export const outOfBudget = (turn: ClaimedTurn): Ending =>
  failed(turn, 'budgetUsedUp', 'budget_used_up', 'the hard limit of a budget is reached');

/** Says below an answer that the person's allowance comes to its end; it is not remembered. */
export const withWarning = (ending: Ending, turn: ClaimedTurn, percent: number): Ending =>
  ending.outcome === 'answered'
    ? {
        ...ending,
        text: `${ending.text}\n\n${say('budgetWarning', turn.locale, { percent: String(percent) })}`,
      }
    : ending;

/** One plain sentence for the person, code and message for the operator. */
export function failed(
  turn: ClaimedTurn,
  sentence: SentenceKey,
  code: string,
  message: string,
): Ending {
  return {
    outcome: 'failed',
    text: say(sentence, turn.locale, { ref: referenceOf(turn.id) }),
    remembered: null,
    error: { code, message },
  };
}

export function failedBy(turn: ClaimedTurn, error: unknown): Ending {
  const sentence = error instanceof ModelError ? error.sentence : 'answerFailed';
  const message = error instanceof Error ? error.message : 'unknown';
  return failed(
    turn,
    sentence,
    codeOf(error),
    error instanceof ModelError ? describe(error) : message,
  );
}

function describe(error: ModelError): string {
  const { status } = error.details;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${status === undefined ? '' : ` (HTTP ${String(status)})`}${cause}`;
}
