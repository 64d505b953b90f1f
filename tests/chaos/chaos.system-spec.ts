import { redisKinds } from './chaos-redis';
import { runChaos } from './chaos-run';

const seeds = (process.env['CHAOS_SEEDS'] ?? '1').split(',').map(Number);
const minutes = Number(process.env['CHAOS_MINUTES'] ?? (process.env['LONG'] ? '10' : '1'));
const redis = redisKinds.find((kind) => kind === process.env['CHAOS_REDIS']) ?? 'single';

describe(`chaos, Redis: ${redis}`, () => {
  it.each(seeds)(
    'P1–P11 hold under everything at once, seed %d',
    async (seed) => {
      const report = await runChaos({ seed, minutes, redis });

      console.log(JSON.stringify(report));
      expect(report.findings).toEqual([]);
      expect(report.questions).toBeGreaterThan(minutes * 60);
    },
    minutes * 60_000 + 240_000,
  );
});
