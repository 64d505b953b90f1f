import type { ChaosReport } from './chaos-run';
import { groupBy } from './group-by';
import type { DoneAct } from './saboteur';

const PROMISES: Readonly<Record<string, string>> = {
  P1: 'acknowledged means durable',
  P2: 'one answer each',
  P3: 'in order',
  P4: 'always an end',
  P6: 'no words of others',
  P7: 'within the budget',
  P8: 'no secrets in logs',
  P9: 'true status',
  P10: 'no process ends by itself',
};

/** How often each, the most frequent first: `kill 5, cut 2`. */
export function countsOf(names: readonly string[]): string {
  const groups = [...groupBy(names, (name) => name)].map(
    ([name, all]) => [name, all.length] as const,
  );
  groups.sort(([, one], [, other]) => other - one);
  return groups.map(([name, count]) => `${name} ${count}`).join(', ');
}

/** One line while it runs. */
export function progressOf(
  seed: number,
  atMs: number,
  { questions, done }: { readonly questions: number; readonly done: readonly DoneAct[] },
): string {
  const acts = countsOf(done.map(({ act }) => act.kind));
  return `chaos, seed ${seed}, ${Math.round(atMs / 1_000)} s: ${questions} questions asked; done to it: ${acts || 'nothing yet'}\n`;
}

/** What a run found, in words. `at` is where the evidence of a failure was kept. */
export function verdictOf(report: ChaosReport, at: string): string {
  const { seed, minutes, questions, outcomes, acts, quietAfterMs, onTheDesk, findings } = report;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const lines = [
    `chaos, seed ${seed}: ${findings.length === 0 ? 'every promise was kept' : `${findings.length} promises broken`}`,
    `  ${questions} questions in ${minutes} min (${list(outcomes)}); at its end ${(quietAfterMs / 1_000).toFixed(1)} s after the last fault`,
    `  done to it: ${list(acts)}`,
    ...(onTheDesk === 0
      ? []
      : [`  texts of unknown outcome, twice, so on the desk of the undelivered: ${onTheDesk}`]),
    ...findings.map(({ promise, what }) => `  ${promise} (${PROMISES[promise] ?? '?'}): ${what}`),
    ...(findings.length === 0 ? [] : [`  evidence: ${at}.json and .log`]),
  ];
  return `${lines.join('\n')}\n`;
}
