import { Stopwatch } from '@common/testing';

/** What is waited for is an outcome; how soon it comes is judged where somebody was promised that. */
const defaultMs = 30_000;
const lookEveryMs = 50;

/**
 * Asks until the answer is neither undefined nor false and nothing is thrown.
 * @param withinMs by a watch that stands still while the machine does
 * @throws Error  naming what did not come, with the last failure as its cause
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = defaultMs,
): Promise<T> {
  const watch = new Stopwatch();
  try {
    for (;;) {
      let cause: unknown;
      try {
        const answer = await ask();
        if (answer !== undefined && answer !== false) return answer;
      } catch (error) {
        cause = error; // not yet
      }
      if (watch.elapsedMs > withinMs) throw notCome(what, withinMs, cause);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  } finally {
    watch.stop();
  }
}

function notCome(what: string, withinMs: number, cause: unknown): Error {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new Error(`did not come within ${withinMs} ms: ${what}${why}`, { cause });
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
