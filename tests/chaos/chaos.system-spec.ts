import { redisKinds } from './chaos-redis';
import { runChaos } from './chaos-run';

const seeds = (process.env['CHAOS_SEEDS'] ?? '1').split(',').map(Number);
const minutes = Number(process.env['CHAOS_MINUTES'] ?? (process.env['LONG'] ? '10' : '1'));
const redis = redisKinds.find((kind) => kind === process.env['CHAOS_REDIS']) ?? 'single';
const pooled = process.env['CHAOS_POOLED'] === '1';

describe(`chaos, Redis: ${redis}${pooled ? ', behind PgBouncer' : ''}`, () => {
  it.each(seeds)(
    'P1–P11 hold under everything at once, seed %d',
    async (seed) => {
      const report = await runChaos({ seed, minutes, redis, pooled });

      console.log(JSON.stringify(report));
      expect(report.findings).toEqual([]);
      expect(report.questions).toBeGreaterThan(minutes * 60);
    },
    minutes * 60_000 + 240_000,
  );
});
