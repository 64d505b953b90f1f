import { type Clock, fullJitterMs } from '@common/kernel';

import { isPassingFailure } from './persistence.errors';

/**
 * Repeats `work` while Postgres is away, or fails for a reason that passes (a deadlock, which in a batch is told to all):
 * for writes whose loss would be dear (a finished answer). Safe only for work that is guarded, since an attempt of unknown
 * outcome is repeated too.
 * @throws the last error when it is another one, or when the signal is aborted
 */
export async function whileAway<T>(
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassingFailure(error) || signal.aborted) throw error;
      await clock.sleep(100 + fullJitterMs(attempt, { baseMs: 200, capMs: 2_000 }), signal);
    }
  }
}
