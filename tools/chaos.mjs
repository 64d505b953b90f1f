// `npm run chaos -- --seed 1 --minutes 10`: load and faults, then the promises judged. Several seeds: --seed 1,2,3.
// `--redis sentinel` and `--redis cluster`: on three Sentinels with three servers, on a Cluster of six. `--pooled`: behind PgBouncer.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    redis: { type: 'string', default: 'single' },
    pooled: { type: 'boolean', default: false },
  },
});
const { status } = spawnSync(
  process.execPath,
  [join(root, 'tools', 'test.mjs'), '--only', 'system', 'tests/chaos/chaos.system-spec'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      CHAOS_SEEDS: values.seed,
      CHAOS_MINUTES: values.minutes,
      CHAOS_REDIS: values.redis,
      CHAOS_POOLED: values.pooled ? '1' : '',
    },
  },
);
process.exitCode = status ?? 1;
