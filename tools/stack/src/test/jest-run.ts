import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ManagedProcess, startProcess } from '../managed-process';
import { projectRoot } from '../project-root';
import { type TestProject } from './test-plan';
import { type JestReport, type TestTotals, totalsOf } from './test-totals';

export interface JestRun {
  readonly project: TestProject;
  readonly reportFile: string;
  readonly arguments: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  readonly onStart: (jest: ManagedProcess) => void;
}

const heartbeatMs = 20_000;
/** How long jest may stay after its report is written: a spec left something open. */
const lingerMs = 20_000;

export async function runJest(run: JestRun): Promise<TestTotals> {
  let lastLineAt = Date.now();
  const jest = await startProcess({
    name: `jest ${run.project}`,
    command: process.execPath,
    args: [join(projectRoot(), 'node_modules', 'jest', 'bin', 'jest.js'), ...jestArguments(run)],
    cwd: projectRoot(),
    env: run.env,
    onLine: (line) => {
      lastLineAt = Date.now();
      run.print(line);
    },
  });
  run.onStart(jest);
  const heart = beat(run, () => lastLineAt);
  const linger = watchForLingering(run, jest);
  const { code } = await jest.ended;
  clearInterval(heart);
  clearInterval(linger.timer);
  return totalsOf(readReport(run.reportFile), linger.wasCut() ? cutCode(run) : code);
}

function jestArguments({ project, reportFile, arguments: rest }: JestRun): string[] {
  return [
    ...['--selectProjects', project],
    // These judge how long something takes, while all services run as processes: two at a time would judge each other.
    ...(project === 'measured' ? ['--runInBand'] : ['--maxWorkers=2']),
    ...['--passWithNoTests', '--json', `--outputFile=${reportFile}`],
    ...rest,
  ];
}

function beat({ project, print }: JestRun, lastLineAt: () => number): NodeJS.Timeout {
  const startedAt = Date.now();
  return setInterval(() => {
    if (Date.now() - lastLineAt() < heartbeatMs) return;
    print(`… ${project} specs running for ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  }, heartbeatMs);
}

/** Jest waits for ever for a handle that a spec left open; the results are there, so we say it and go on. */
function watchForLingering({ reportFile, print, project }: JestRun, jest: ManagedProcess) {
  let seenAt = 0;
  let cut = false;
  const timer = setInterval(() => {
    if (!seenAt && existsSync(reportFile)) seenAt = Date.now();
    if (!seenAt || cut || Date.now() - seenAt < lingerMs) return;
    cut = true;
    print(`${project}: a spec left something open, jest does not end by itself`);
    jest.kill();
  }, 500);
  return { timer, wasCut: () => cut };
}

/** Ended by us, its own exit code says nothing: the report does. */
function cutCode({ reportFile }: JestRun): number {
  return readReport(reportFile) ? 0 : 1;
}

function readReport(file: string): JestReport | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return undefined; // half written: counts as no report
  }
}
