import type Redis from 'ioredis';

/** Rounds without an answer after which a path counts as dead. Rounds, not time: a process that was paused looks once. */
const SILENT_ROUNDS = 3;

/**
 * Notices a path that died without a word (no FIN, no RST: a firewall that forgot, a machine that vanished). The kernel would
 * resend for a quarter of an hour, and a subscriber, which never writes, would not notice at all. So a PING every
 * `everyMs`; after three rounds without an answer the connection is made anew.
 */
export function watchPath(redis: Redis, everyMs: number): void {
  let silentRounds = 0;
  let isWaiting = false;
  const ask = async (): Promise<void> => {
    isWaiting = true;
    try {
      await redis.ping();
    } catch {
      // An answer too, or a connection that was lost: that is told by its own event.
    } finally {
      isWaiting = false;
    }
  };
  const look = (): void => {
    if (redis.status !== 'ready') return;
    silentRounds = isWaiting ? silentRounds + 1 : 0;
    if (silentRounds < SILENT_ROUNDS) return isWaiting ? undefined : void ask();
    silentRounds = 0;
    redis.emit('error', new Error('Redis has not answered a PING; connecting anew'));
    redis.disconnect(true);
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  redis.on('end', () => clearInterval(timer));
}
