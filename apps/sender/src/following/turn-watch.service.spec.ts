import type { CoreConfig } from '@common/bootstrap';
import { Secret } from '@common/config';
import type { Database } from '@common/persistence';
import { RedisKeys } from '@common/redis';
import { ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import { TurnWatch } from './turn-watch.service';

interface Row {
  readonly state: string;
  readonly attempt: number;
  readonly outcome: string | null;
  readonly answer: string | null;
  readonly question?: string;
  readonly ask?: object;
  readonly asked?: number;
}
const running: Row = { state: 'active', attempt: 1, outcome: null, answer: null };
const over: Row = { state: 'generated', attempt: 1, outcome: 'answered', answer: 'Noon.' };

const watches: TurnWatch[] = [];
afterEach(() => watches.splice(0).forEach((watch) => watch.stop()));

/** Postgres with these turns; nobody listens where Redis should be. */
function aWatch(rows: Record<string, Row>) {
  const asked: string[][] = [];
  const postgres = { isAway: false, hold: Promise.resolve() };
  const clock = new ManualClock();
  const watch = new TurnWatch(
    standIn<Database>({
      acrossTenantsOnce: async (_reason, _statement, [ids] = []) => {
        asked.push(ids as string[]);
        await postgres.hold;
        if (postgres.isAway) throw new Error('gone');
        return (ids as string[]).flatMap((id) => (rows[id] ? [{ id, ...rows[id] }] : [])) as never;
      },
    }),
    new RedisKeys('spec'),
    standIn<CoreConfig>({
      REDIS_URL: new Secret('redis://127.0.0.1:1'),
      REDIS_CLUSTER_NODES: undefined,
      REDIS_SENTINELS: undefined,
    }),
    clock,
    new RecordingLogger(),
  );
  watches.push(watch);
  return { watch, asked, postgres, clock, rows };
}

describe('TurnWatch', () => {
  it('late: finds a turn that had ended before it was followed', async () => {
    const { watch } = aWatch({ a: over });
    const turn = watch.follow('a', 0);
    await settled();
    expect(turn.end).toEqual({ outcome: 'answered', text: 'Noon.' });
  });

  it('P5 finds words and ends within a second without any news', async () => {
    const { watch, clock, rows } = aWatch({ a: running });
    watch.start();
    const turn = watch.follow('a', 0);
    await clock.pass(10);
    expect(turn.attempt).toBe(1);

    rows['a'] = { ...running, attempt: 2 };
    await clock.pass(1_000);
    expect(turn.attempt).toBe(2);
    rows['a'] = over;
    await clock.pass(1_000);
    expect(turn.end).not.toBeNull();
  });

  it('finds what a waiting turn asks, and that it asks no more', async () => {
    const ask = { kind: 'confirm' };
    const { watch, clock, rows } = aWatch({
      a: { ...running, state: 'waiting', question: 'Order?', ask, asked: 2 },
    });
    watch.start();
    const turn = watch.follow('a', 0);
    await clock.pass(10);
    expect(turn.question).toEqual({ n: 2, text: 'Order?', ask });

    rows['a'] = running;
    await clock.pass(1_000);
    expect(turn.question).toBeNull();
  });

  it('asks once a second for all turns, and not at all for none', async () => {
    const { watch, clock, asked } = aWatch({});
    watch.start();
    await clock.pass(3_000);
    expect(asked).toEqual([]);

    for (const id of ['a', 'b', 'c']) watch.follow(id, 0);
    await clock.pass(1_000);

    expect(asked.at(-1)).toEqual(['a', 'b', 'c']);
    watch.unfollow('b');
    await clock.pass(1_000);
    expect(asked.at(-1)).toEqual(['a', 'c']);
  });

  it('asks for many at once while a look is under way', async () => {
    const { watch, asked, postgres } = aWatch({});
    let letGo: () => void = () => undefined;
    postgres.hold = new Promise((resolve) => (letGo = resolve));
    for (const id of ['a', 'b', 'c']) watch.follow(id, 0);
    letGo();
    await settled();
    expect(asked).toEqual([['a'], ['b', 'c']]);
  });

  it('goes on after Postgres was away', async () => {
    const { watch, clock, postgres } = aWatch({ a: over });
    watch.start();
    postgres.isAway = true;
    const turn = watch.follow('a', 0);
    await clock.pass(2_000);
    expect(turn.end).toBeNull();
    postgres.isAway = false;
    await clock.pass(1_000);
    expect(turn.end).not.toBeNull();
  });
});
