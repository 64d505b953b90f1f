import { Stopwatch } from './stopwatch';

const LOOK_EVERY_MS = 10;

/**
 * Polls until `look` answers something else than undefined, null or false.
 * @param withinMs by a watch that stands still while the machine does
 * @throws when it does not within `withinMs`, with what `look` threw last
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  withinMs = 20_000,
): Promise<NonNullable<T>> {
  const watch = new Stopwatch();
  try {
    for (;;) {
      let cause: unknown;
      try {
        const seen = await look();
        if (seen !== undefined && seen !== null && seen !== false) return seen;
      } catch (error) {
        cause = error;
      }
      if (watch.elapsedMs > withinMs)
        throw new Error(`it did not happen within ${withinMs} ms`, { cause });
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    watch.stop();
  }
}
