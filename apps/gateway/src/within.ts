import type { Clock } from '@common/kernel';

/**
 * What `work` gives, or undefined when it takes longer; then it goes on unheeded, and may fail.
 * @param ms how long it is waited for
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
