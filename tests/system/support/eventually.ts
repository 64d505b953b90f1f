import { waitUntil } from './stack';

const defaultMs = 15_000;

/**
 * Asks until the answer is neither undefined nor false and nothing is thrown.
 * @throws Error  naming what did not come, with the last failure as its cause
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = defaultMs,
): Promise<T> {
  let cause: unknown;
  const answer = await waitUntil(
    async () => {
      try {
        const now = await ask();
        cause = undefined;
        return now === undefined || now === false ? undefined : { now };
      } catch (error) {
        cause = error; // not yet
        return undefined;
      }
    },
    withinMs,
    50,
  );
  if (answer) return answer.now;
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  throw new Error(`did not come within ${withinMs} ms: ${what}${why}`, { cause });
}

/** Repeats an expectation until it holds. */
export function eventuallyHolds(
  what: string,
  expectation: () => Promise<void> | void,
  withinMs = defaultMs,
): Promise<true> {
  const ask = async () => {
    await expectation();
    return true as const;
  };
  return eventually(what, ask, withinMs);
}
