import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '../system/support/eventually';
import { projectRoot } from '../system/support/stack';
import { ChaosModel } from './chaos-model';
import type { Lane } from './chaos-plan';
import type { RedisKind } from './chaos-redis';
import { ChaosWorld } from './chaos-world';
import { pause } from './pause';
import { Crowd } from './crowd';
import { type Evidence, gather, OPEN } from './evidence';
import { groupBy } from './group-by';
import { type Finding, isOnTheDesk, judge } from './invariants';
import { type DoneAct, Saboteur } from './saboteur';
import { Seeded } from './seeded';
import { progressOf } from './tell';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly perSecond?: number;
  readonly lanes?: readonly Lane[];
  readonly redis?: RedisKind;
  readonly pooled?: boolean;
  /** Gets a line now and then while it runs. */
  readonly tell?: (line: string) => void;
  /** For every service; a planted bug comes in through NODE_OPTIONS. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ChaosReport {
  readonly seed: number;
  readonly minutes: number;
  readonly questions: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly acts: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly quietAfterMs: number;
  /** Texts that the platform twice did not confirm; an operator has them. */
  readonly onTheDesk: number;
  readonly findings: readonly Finding[];
}

/** How long after the last fault everything must be at its end. */
const QUIET_WITHIN_MS = 90_000;
const TELL_EVERY_MS = 15_000;

const environment = {
  // Leases, sweeper and deadlines as in production; only patience with a silent model is shorter.
  MODEL_SILENCE_TIMEOUT_MS: '4000',
  MODEL_CONNECT_TIMEOUT_MS: '4000',
};

/** Load, faults, healing, judgement. The same seed plans the same acts and questions. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const random = new Seeded(options.seed);
  const world = await ChaosWorld.start({
    replicas: { gateway: 2, dispatcher: 2, generator: 2, sender: 2 },
    env: { ...environment, ...options.env },
    redis: options.redis ?? 'single',
    pooled: options.pooled ?? false,
  });
  try {
    const { installation } = world;
    const model = new ChaosModel(installation.model);
    const crowd = await Crowd.gather(installation, { bots: 6, direct: 2, inGroup: 2 });
    const saboteur = new Saboteur(world, model, random.branch('acts'), options.lanes);
    const untilMs = Date.now() + options.minutes * 60_000;
    const telling = tellNowAndThen(options, crowd, saboteur);
    try {
      await Promise.all([
        saboteur.run(untilMs),
        crowd.ask(options.perSecond ?? 4, untilMs, random.branch('questions')),
      ]);
    } finally {
      clearInterval(telling);
    }
    const quietAfterMs = await quiet(world);
    const evidence = await gather(installation, crowd, {
      unexpectedEnds: saboteur.unexpectedEnds,
      pauses: saboteur.done.filter(({ act }) => act.kind === 'pause').length,
    });
    return report(options, saboteur.done, evidence, quietAfterMs);
  } finally {
    await world.stop();
  }
}

function tellNowAndThen(
  { seed, tell }: ChaosOptions,
  { questions }: Crowd,
  { done }: Saboteur,
): NodeJS.Timeout {
  const startedAt = Date.now();
  return setInterval(
    () => tell?.(progressOf(seed, Date.now() - startedAt, { questions: questions.length, done })),
    TELL_EVERY_MS,
  );
}

/** Waits until no row is open any more and no push waits; what stays open is for the judge. */
async function quiet({ installation }: ChaosWorld): Promise<number> {
  const since = Date.now();
  const isQuiet = async () => {
    const [row] = await installation.schema.query<{ open: string }>(OPEN);
    const pushes = await installation.sandbox.call<{ state: string }[]>('GET', '/deliveries');
    const isTaken = pushes.every(({ state }) => state !== 'waiting' && state !== 'pushed');
    return row?.open === '' && isTaken && (await installation.sandbox.openCards()).length === 0;
  };
  await eventually('everything is at its end', isQuiet, QUIET_WITHIN_MS).catch(() => undefined);
  const quietAfterMs = Date.now() - since;
  // A second answer would come after the first: give it the time to.
  await pause(3_000);
  return quietAfterMs;
}

function report(
  { seed, minutes }: ChaosOptions,
  acts: readonly DoneAct[],
  evidence: Evidence,
  quietAfterMs: number,
): ChaosReport {
  const count = (names: readonly string[]) =>
    Object.fromEntries([...groupBy(names, (name) => name)].map(([k, v]) => [k, v.length]));
  const result: ChaosReport = {
    seed,
    minutes,
    questions: evidence.questions.length,
    outcomes: count(evidence.turns.map(({ outcome }) => outcome ?? 'none')),
    acts: count(acts.map(({ act }) => act.kind)),
    calls: evidence.calls.length,
    quietAfterMs,
    onTheDesk: evidence.turns.filter(isOnTheDesk).length,
    findings: judge(evidence),
  };
  keep(result, acts, evidence);
  return result;
}

/** Where evidence of a seed is kept when it fails, without the ending. */
export const evidenceOf = (seed: number): string =>
  join(projectRoot(), '.data', 'chaos', `seed-${seed}`);

/** For whoever looks into a failing seed. */
function keep(result: ChaosReport, acts: readonly DoneAct[], evidence: Evidence): void {
  if (result.findings.length === 0) return;
  const place = evidenceOf(result.seed);
  mkdirSync(dirname(place), { recursive: true });
  const { logLines, turns, questions } = evidence;
  const entries = Object.fromEntries(evidence.entries);
  const kept = { result, acts, questions, turns, entries, violations: evidence.violations };
  writeFileSync(`${place}.json`, JSON.stringify(kept, null, 1));
  writeFileSync(`${place}.log`, logLines.join('\n'));
}
