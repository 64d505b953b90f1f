// Every bench: how many minutes it takes, whole and `--quick`, which flags it knows, and how it is begun.
import { loadsOf } from './load.mjs';

const quick = ({ quick: isQuick }, options) => (isQuick ? options : {});
/** `seconds` and `rounds`, where they were said. */
const said = (flags) =>
  Object.fromEntries(
    ['seconds', 'rounds', 'replicas']
      .filter((name) => flags[name] !== undefined)
      .map((name) => [name, Number(flags[name])]),
  );

/** Once for each load that the flags name. */
async function forEachLoad(flags, bench) {
  const verdicts = [];
  for (const load of loadsOf(flags)) verdicts.push(...(await bench(load)));
  return verdicts;
}

const LOAD = ['channels', 'answers', 'limits'];

export const catalogue = {
  ingest: {
    about: 'frames/s acknowledged as durable, beside bare inserts',
    minutes: [1, 0.5],
    takes: ['seconds', 'rounds'],
    run: async (flags) =>
      (await import('./ingest.mjs')).benchIngest({
        ...quick(flags, { rounds: 1 }),
        ...said(flags),
      }),
  },
  latency: {
    about: 'frame → card and final frame, added to the baseline',
    minutes: [10, 2.5],
    takes: ['rounds', ...LOAD],
    run: async (flags) => {
      const { benchLatency } = await import('./latency.mjs');
      const options = { ...quick(flags, { scale: 0.2 }), ...said(flags) };
      return forEachLoad(flags, (load) => benchLatency({ ...options, load }));
    },
  },
  saturation: {
    about: 'answers/s, CPU and statements per answer, beside the baseline',
    minutes: [1.5, 1],
    takes: ['seconds', 'rounds', 'replicas', ...LOAD],
    run: async (flags) => {
      const { benchSaturation } = await import('./saturation.mjs');
      const options = { ...quick(flags, { rounds: 1 }), ...said(flags) };
      return forEachLoad(flags, (load) => benchSaturation({ ...options, load }));
    },
  },
  'scale-out': {
    about: 'answers/s with one, two and three replicas of each service',
    minutes: [6, 4],
    takes: ['seconds', 'rounds'],
    run: async (flags) =>
      (await import('./scale-out.mjs')).benchScaleOut({
        ...quick(flags, { seconds: 8, rounds: 1 }),
        ...said(flags),
      }),
  },
  hops: {
    about: 'CPU and time of a queue hop, beside bare BullMQ',
    minutes: [1.5, 0.5],
    takes: ['seconds', 'rounds'],
    run: async (flags) =>
      (await import('./hops.mjs')).benchHops({ ...quick(flags, { rounds: 1 }), ...said(flags) }),
  },
  growth: {
    about: 'an answer among a million messages, beside an empty database',
    minutes: [6, 2.5],
    takes: ['rounds'],
    run: async (flags) =>
      (await import('./growth.mjs')).benchGrowth({
        ...quick(flags, { scale: 0.1, rounds: 2 }),
        ...said(flags),
      }),
  },
  cost: {
    about: 'platform calls per answer by pace, and what a month of them is',
    minutes: [1.5, 1.5],
    takes: ['rounds'],
    run: async (flags) => (await import('./cost.mjs')).benchCost(said(flags)),
  },
  'idle-stack': {
    about: 'CPU of everything while nobody asks',
    minutes: [5.5, 1],
    takes: ['seconds'],
    run: async (flags) =>
      (await import('./idle-stack.mjs')).benchIdleStack({
        ...quick(flags, { seconds: 30 }),
        ...said(flags),
      }),
  },
  ack: {
    about: 'frame → acknowledgement in ms, beside a bare insert + add',
    minutes: [2.5, 1],
    takes: ['seconds', 'rounds'],
    run: async (flags) =>
      (await import('./ack.mjs')).benchAck({
        ...quick(flags, { seconds: 8, rounds: 1 }),
        ...said(flags),
      }),
  },
  generator: {
    about: 'CPU per chunk of the generator, beside the bare SDK',
    minutes: [2, 1.5],
    takes: ['rounds'],
    run: async (flags) =>
      (await import('./generator.mjs')).benchGenerator({
        ...quick(flags, { rounds: 1 }),
        ...said(flags),
      }),
  },
  idle: {
    about: 'memory of idle channels in one gateway, beside bare sockets',
    minutes: [3.5, 2.5],
    takes: ['seconds'],
    run: async (flags) =>
      (await import('./idle.mjs')).benchIdle({ ...quick(flags, { seconds: 10 }), ...said(flags) }),
  },
  soak: {
    about: 'memory of a gateway whose connections keep breaking (alone: not part of all)',
    minutes: [10.5, 2.5],
    takes: ['seconds'],
    isAlone: true,
    run: async (flags) =>
      (await import('./soak.mjs')).benchSoak({ ...quick(flags, { seconds: 120 }), ...said(flags) }),
  },
};
