// `npm run chaos -- --seed 1 --minutes 10`: load and faults, then the promises judged. Several seeds: --seed 1,2,3.
// Exit code 0: every promise was kept; 1: one was broken, or the run itself; 2: wrong usage.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const REDIS = ['single', 'sentinel', 'cluster'];
const USAGE = `npm run chaos -- [flags]
  --seed N[,N…]    the plan of what is done when; the same seed, the same plan (1)
  --minutes N      of load and faults, for each seed (10)
  --redis KIND     ${REDIS.join(', ')} (single)
  --pooled         behind PgBouncer in transaction mode
  --help           this`;
/** Services start; everything comes to its end and is judged. */
const AROUND_MINUTES = 1.5;

/** @throws Error that tells what is wrong */
function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '10' },
      redis: { type: 'string', default: 'single' },
      pooled: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (!/^\d+(,\d+)*$/u.test(values.seed)) throw new Error('--seed takes numbers: 1 or 1,2,3');
  if (!(Number(values.minutes) > 0)) throw new Error('--minutes takes a number above 0');
  if (!REDIS.includes(values.redis)) throw new Error(`--redis takes ${REDIS.join(', ')}`);
  return values;
}

function run({ seed, minutes, redis, pooled }) {
  const seeds = seed.split(',');
  const expected = Math.ceil(seeds.length * (Number(minutes) + AROUND_MINUTES));
  console.log(
    `about ${expected} minutes: two of each service under load, ${minutes} min of faults with seed ${seeds.join(', then ')} (Redis: ${redis}${pooled ? ', behind PgBouncer' : ''}), then the promises judged`,
  );
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'tools', 'test.mjs'), '--only', 'measured', 'tests/chaos/chaos.system-spec'],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        CHAOS_SEEDS: seed,
        CHAOS_MINUTES: minutes,
        CHAOS_REDIS: redis,
        CHAOS_POOLED: pooled ? '1' : '',
      },
    },
  );
  return status ?? 1;
}

let wanted;
try {
  wanted = read(process.argv.slice(2));
} catch (error) {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exit(2);
}
if (wanted.help) console.log(USAGE);
else process.exitCode = run(wanted);
