import { type Allowances, editionAllowances, forecastOf, presentationOf } from './allowance';
import type { CardPace } from './channel';

const MONTH_DAYS = 30;
const { apiCalls: CALLS, messages: MESSAGES } = editionAllowances.standard;

function allowances(over: Partial<Allowances> = {}): Allowances {
  return {
    apiCalls: { limit: CALLS, used: 0, isRefused: false },
    messages: { limit: MESSAGES, used: 0, isRefused: false },
    answers: 0,
    elapsedDays: 0,
    monthDays: MONTH_DAYS,
    ...over,
  };
}

/** A month of an organisation of the standard edition: what its people get, and what the platform counts. */
function aMonth(answersPerDay: number, wanted: CardPace = 'balanced') {
  const used = { calls: 0, messages: 0 };
  const shown: (CardPace | 'text' | 'undelivered')[] = [];
  let refusedTooEarly = 0;
  let overLimit = 0;
  const costs = { smooth: 18, balanced: 8, thrifty: 4, off: 2 };
  for (let n = 0; n < answersPerDay * MONTH_DAYS; n += 1) {
    const { pace, textWays } = presentationOf(
      allowances({
        apiCalls: { limit: CALLS, used: used.calls, isRefused: false },
        messages: { limit: MESSAGES, used: used.messages, isRefused: false },
        answers: n,
        elapsedDays: n / answersPerDay,
      }),
      wanted,
    );
    // The question is pushed, whatever becomes of it.
    if (used.messages < MESSAGES) used.messages += 1;
    const [way] = textWays;
    if (pace) used.calls += costs[pace];
    else if (way === 'webhook') used.messages += 1;
    else if (way === 'robot') used.calls += 1;
    else if (used.calls < CALLS) refusedTooEarly += 1;
    if (used.calls > CALLS || used.messages > MESSAGES + 1) overLimit += 1;
    shown.push(pace ?? (way ? 'text' : 'undelivered'));
  }
  return { shown, used, refusedTooEarly, overLimit };
}

describe('a month of the standard edition', () => {
  it('shows 400 answers, all as cards, within its calls', () => {
    const { shown, overLimit } = aMonth(400 / MONTH_DAYS);
    expect(shown).toHaveLength(400);
    expect(new Set(shown)).toEqual(new Set(['balanced']));
    expect(overLimit).toBe(0);
  });

  it('refuses nothing of 400 a day while any allowance lasts, then everything, honestly', () => {
    const { shown, used, refusedTooEarly, overLimit } = aMonth(400);
    const firstUndelivered = shown.indexOf('undelivered');
    expect(refusedTooEarly).toBe(0);
    expect(overLimit).toBe(0);
    expect(used).toEqual({ calls: CALLS, messages: MESSAGES });
    // Each question is a message, so that no allowance answers more than 3,000 of them plus what calls are left.
    expect(firstUndelivered).toBeGreaterThan(3_000);
    expect(new Set(shown.slice(firstUndelivered))).toEqual(new Set(['undelivered']));
  });

  it('steps down as the month runs out, and up again when few are to come', () => {
    const { shown } = aMonth(60);
    const kinds = new Set(shown);
    expect(kinds).toContain('balanced');
    expect(kinds.size).toBeGreaterThan(1);
    expect(shown).not.toContain('undelivered');
  });
});

describe('presentationOf', () => {
  it('is what the channel wants while nobody counts', () => {
    expect(presentationOf(null, 'smooth')).toEqual({
      pace: 'smooth',
      textWays: ['webhook', 'robot'],
    });
  });

  it('never shows more than the channel wants', () => {
    expect(presentationOf(allowances({ elapsedDays: 20 }), 'thrifty').pace).toBe('thrifty');
  });

  it.each([
    ['smooth', 100, 'smooth'],
    ['smooth', 600, 'balanced'],
    ['balanced', 1_200, 'thrifty'],
    ['balanced', 2_400, 'off'],
    ['balanced', 10_000, null],
  ] as const)('of %s at %d answers in half a month it affords %s', (wanted, answers, pace) => {
    const half = allowances({ answers, elapsedDays: 15 });
    expect(presentationOf(half, wanted).pace).toBe(pace);
  });

  it('C66 makes no call of a kind that the platform refused', () => {
    const noCalls = allowances({ apiCalls: { limit: CALLS, used: 10, isRefused: true } });
    expect(presentationOf(noCalls, 'balanced')).toEqual({ pace: null, textWays: ['webhook'] });
    const noMessages = allowances({ messages: { limit: MESSAGES, used: 10, isRefused: true } });
    expect(presentationOf(noMessages, 'balanced').textWays).toEqual(['robot']);
  });
});

it('forecasts by the rate so far, of which the first day is no measure', () => {
  expect(forecastOf(100, allowances({ elapsedDays: 10 }))).toBe(300);
  expect(forecastOf(100, allowances({ elapsedDays: 0.5 }))).toBe(3_050);
});
