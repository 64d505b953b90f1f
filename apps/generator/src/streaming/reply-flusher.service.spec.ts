import type { ReplyAppend, ReplyStream } from '@common/redis';
import { RecordingLogger, standIn } from '@common/testing';

import { ReplyFlusher } from './reply-flusher.service';

// The flusher's rounds are timers of Node, so these are what stands still here.
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function aFlusher() {
  const rounds: ReplyAppend[][] = [];
  const told: unknown[] = [];
  const redis = { isAway: false };
  const logger = new RecordingLogger();
  const flusher = new ReplyFlusher(
    standIn<ReplyStream>({
      append: (appends, news = []) => {
        if (redis.isAway) return Promise.reject(new Error('gone'));
        if (appends.length > 0) rounds.push([...appends]);
        told.push(...news);
        return Promise.resolve();
      },
    }),
    logger,
  );
  return { flusher, rounds, told, redis, logger };
}
const texts = (rounds: ReplyAppend[][]): string[][] =>
  rounds.map((round) =>
    round.map(({ turnId, delta }) => `${turnId}@${delta.offset} ${delta.text}`),
  );

describe('ReplyFlusher', () => {
  it('sends first words at once, then tells the sender', async () => {
    const { flusher, rounds, told } = aFlusher();

    flusher.open('t1', 2).write('Hel');
    await jest.advanceTimersByTimeAsync(0);

    expect(texts(rounds)).toEqual([['t1@0 Hel']]);
    expect(told).toEqual([{ turnId: 't1', attempt: 2, kind: 'first_words' }]);
  });

  it('sends what follows in one round of all turns every 100 ms', async () => {
    const { flusher, rounds, told } = aFlusher();
    const [one, two] = [flusher.open('t1', 1), flusher.open('t2', 1)];
    one.write('a');
    two.write('b');
    await jest.advanceTimersByTimeAsync(0);

    for (const word of ['c', 'd']) {
      one.write(word);
      two.write(word);
    }
    await jest.advanceTimersByTimeAsync(99);
    expect(texts(rounds)).toEqual([['t1@0 a', 't2@0 b']]);
    await jest.advanceTimersByTimeAsync(1);

    expect(texts(rounds).at(1)).toEqual(['t1@1 cd', 't2@1 cd']);
    expect(told).toHaveLength(2);
  });

  it('makes no rounds while nobody writes', async () => {
    const { flusher } = aFlusher();
    flusher.open('t1', 1).write('a');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('P5 fails no answer while Redis is away, and goes on with what comes after', async () => {
    const { flusher, rounds, redis, logger } = aFlusher();
    const writer = flusher.open('t1', 1);
    redis.isAway = true;
    writer.write('lost');
    await jest.advanceTimersByTimeAsync(0);
    redis.isAway = false;
    writer.write(' kept');
    await jest.advanceTimersByTimeAsync(100);

    expect(texts(rounds)).toEqual([['t1@4  kept']]);
    expect(writer.whole).toBe('lost kept');
    expect(logger.messages).toEqual(['reply stream not written']);
  });
});
