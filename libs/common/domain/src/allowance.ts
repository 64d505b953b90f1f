import type { CardPace } from './channel';

export const editions = ['standard', 'pro', 'package'] as const;
export type Edition = (typeof editions)[number];

/** What an organisation may use in a month (messaging reference §7.2), unless it says otherwise. */
export const editionAllowances: Readonly<
  Record<Edition, { readonly apiCalls: number; readonly messages: number }>
> = {
  standard: { apiCalls: 5_000, messages: 3_000 },
  pro: { apiCalls: 200_000, messages: 50_000 },
  package: { apiCalls: 5_000_000, messages: 500_000 },
};

/** One allowance and what was used of it this month. */
export interface Allowance {
  readonly limit: number;
  readonly used: number;
  /** The platform said that it is used up. */
  readonly isRefused: boolean;
}

export interface Allowances {
  readonly apiCalls: Allowance;
  /** Pushes that came in and messages that went out by webhook. */
  readonly messages: Allowance;
  /** Answers shown this month. */
  readonly answers: number;
  /** Days of this month that have passed, and all of them. */
  readonly elapsedDays: number;
  readonly monthDays: number;
}

export type TextWay = 'webhook' | 'robot';

/** How an answer is shown. */
export interface Presentation {
  /** Null: as text. */
  readonly pace: CardPace | null;
  /** How a text may go, the better way first; none when nothing is left. */
  readonly textWays: readonly TextWay[];
}

/** What an answer costs at most, in API calls. A smooth one of ten seconds costs about fifteen. */
const callsOf: Readonly<Record<CardPace, number>> = { smooth: 20, balanced: 8, thrifty: 4, off: 2 };
const paces = ['smooth', 'balanced', 'thrifty', 'off'] as const satisfies readonly CardPace[];
/** A card that was begun must be ended: the last calls are for texts. */
const KEPT_FOR_TEXTS = 10;
/** The start of a month says little about its rest: no rate is read from less than a day. */
const FIRST_DAYS = 1;

export const leftOf = ({ limit, used, isRefused }: Allowance): number =>
  isRefused ? 0 : Math.max(0, limit - used);

/** How much will be used by the end of the month if it goes on like this. */
export function forecastOf(used: number, { elapsedDays, monthDays }: Allowances): number {
  const perDay = used / Math.max(FIRST_DAYS, elapsedDays);
  return Math.round(used + perDay * Math.max(0, monthDays - elapsedDays));
}

/**
 * The best way to show an answer that the organisation can afford until the end of the month: at its rate of answers,
 * what is left is spread over those that are to come. Nothing is refused while any allowance lasts.
 * @param allowances null: nobody counts
 */
export function presentationOf(allowances: Allowances | null, wanted: CardPace): Presentation {
  if (!allowances) return { pace: wanted, textWays: ['webhook', 'robot'] };
  const { apiCalls, messages, answers } = allowances;
  const toCome = Math.max(1, forecastOf(answers, allowances) - answers);
  return {
    pace: paceFor(leftOf(apiCalls), toCome, wanted),
    textWays: textWaysFor(leftOf(apiCalls), leftOf(messages), toCome),
  };
}

function paceFor(callsLeft: number, toCome: number, wanted: CardPace): CardPace | null {
  if (callsLeft < KEPT_FOR_TEXTS) return null;
  const affordable = paces.slice(paces.indexOf(wanted));
  return affordable.find((pace) => callsOf[pace] <= callsLeft / toCome) ?? null;
}

/** A question is a message already: webhooks are cheap only while two messages per answer are left. */
function textWaysFor(callsLeft: number, messagesLeft: number, toCome: number): TextWay[] {
  const isWebhookCheap = messagesLeft / toCome >= 2 || callsLeft === 0;
  const order: TextWay[] = isWebhookCheap ? ['webhook', 'robot'] : ['robot', 'webhook'];
  return order.filter((way) => (way === 'webhook' ? messagesLeft : callsLeft) > 0);
}
