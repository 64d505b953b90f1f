import { redisKinds } from './chaos-redis';
import { evidenceOf, runChaos } from './chaos-run';
import { verdictOf } from './tell';

const { CHAOS_SEEDS, CHAOS_MINUTES, CHAOS_REDIS, CHAOS_POOLED, LONG } = process.env;
const seeds = (CHAOS_SEEDS ?? '1').split(',').map(Number);
const isLong = LONG === '1';
/** Not through `console`, whose lines jest keeps until the end. */
const tell = (line: string): void => void process.stdout.write(line);

interface World {
  readonly redis: (typeof redisKinds)[number];
  readonly pooled: boolean;
  readonly minutes: number;
}
/** What was asked for; else one server each, and in the long run every other way they may stand as well. */
const asked: World = {
  redis: redisKinds.find((kind) => kind === CHAOS_REDIS) ?? 'single',
  pooled: CHAOS_POOLED === '1',
  minutes: Number(CHAOS_MINUTES ?? (isLong ? '10' : '1')),
};
const others: readonly World[] = [
  { redis: 'sentinel', pooled: false, minutes: 3 },
  { redis: 'cluster', pooled: false, minutes: 3 },
  { redis: 'single', pooled: true, minutes: 3 },
];
const worlds = isLong && CHAOS_MINUTES === undefined ? [asked, ...others] : [asked];

describe.each(worlds)('chaos, Redis: $redis, pooled: $pooled', ({ redis, pooled, minutes }) => {
  it.each(seeds)(
    'P1–P11 hold under everything at once, seed %d',
    async (seed) => {
      const report = await runChaos({ seed, minutes, redis, pooled, tell });

      tell(verdictOf(report, evidenceOf(seed)));
      expect(report.findings).toEqual([]);
      expect(report.questions).toBeGreaterThan(minutes * 60);
    },
    minutes * 60_000 + 240_000,
  );
});
