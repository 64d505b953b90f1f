// `npm run bench`: every bench of answers beside the baseline, with its verdict. One of them: `npm run bench -- latency`.
// `--quick` takes a fraction of the samples. Exit code 1 when a target is missed.
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../tools/ensure-built.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    replicas: { type: 'string', default: '1' },
  },
});
const seconds = values.seconds ? { seconds: Number(values.seconds) } : {};
const quick = (options) => (values.quick ? options : {});
const replicasOfEach = (count) => ({
  gateway: count,
  dispatcher: count,
  generator: count,
  sender: count,
});

const benches = {
  ingest: async () =>
    (await import('./ingest.mjs')).benchIngest({ ...quick({ rounds: 1 }), ...seconds }),
  latency: async () => (await import('./latency.mjs')).benchLatency({ ...quick({ scale: 0.2 }) }),
  saturation: async () =>
    (await import('./saturation.mjs')).benchSaturation({
      ...quick({ rounds: 1 }),
      ...seconds,
      replicas: replicasOfEach(Number(values.replicas)),
    }),
  'idle-stack': async () =>
    (await import('./idle-stack.mjs')).benchIdleStack({ ...quick({ seconds: 30 }), ...seconds }),
  ack: async () => (await import('./ack.mjs')).benchAck(seconds),
  idle: async () => (await import('./idle.mjs')).benchIdle(seconds),
  soak: async () => (await import('./soak.mjs')).benchSoak(seconds),
};
/** `ack`, `idle` and `soak` look at the gateway alone: `npm run bench:gateway -- ack`. */
const ofAnswers = ['ingest', 'latency', 'saturation', 'idle-stack'];
const wanted = positionals.length > 0 ? positionals : ofAnswers;
if (wanted.some((name) => !benches[name]) || !ensureBuilt()) {
  console.error(`bench takes ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
let missed = 0;
for (const name of wanted) {
  console.log(`\n## ${name}\n`);
  const isGood = await benches[name]();
  console.log(isGood ? 'targets met' : 'a target is missed');
  if (!isGood) missed += 1;
}
process.exit(missed === 0 ? 0 : 1);
