import { join } from 'node:path';
import { type ManagedProcess } from '../managed-process';
import { projectRoot } from '../project-root';
import { runJest } from './jest-run';
import { type TestPlan } from './test-plan';
import { openRunFolder, startTestStores, type TestStores } from './test-stores';
import { addTotals, noTests, sentenceOf, type TestTotals } from './test-totals';

export { parseTestArguments } from './test-plan';

const print = (line: string) => console.log(line);

/** Runs the plan and answers the exit code. The last line printed is the numbers. */
export async function runTests(plan: TestPlan, { isBuilt }: { isBuilt: boolean }): Promise<number> {
  const built = isBuilt ? noTests : failure('the build (see its messages above)');
  const ran = await inRunFolder(plan).catch((error: unknown) => {
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return failure('the test run itself (see above)');
  });
  const totals = addTotals(built, ran);
  const isEmpty = totals.passed + totals.failed === 0;
  print('');
  if (isEmpty) print('no test ran');
  for (const name of totals.failures) print(`failed: ${name}`);
  print(sentenceOf(totals));
  return totals.failed > 0 || isEmpty ? 1 : 0;
}

const failure = (what: string): TestTotals => ({ ...noTests, failed: 1, failures: [what] });

async function inRunFolder(plan: TestPlan): Promise<TestTotals> {
  const dataDir = join(projectRoot(), '.data');
  const folder = await openRunFolder(dataDir);
  let stores: TestStores | undefined;
  let jest: ManagedProcess | undefined;
  const interruption = onInterrupt(() => jest?.stop(3_000));
  try {
    if (plan.projects.some((project) => project !== 'unit')) {
      print('starting Postgres and Redis …');
      stores = await startTestStores(folder.path, join(dataDir, 'cache'));
      print(`stores: ${stores.origin}`);
    }
    let totals = noTests;
    for (const project of plan.projects) {
      if (interruption.happened()) return addTotals(totals, failure('interrupted'));
      print(`\n${project} specs`);
      const result = await runJest({
        project,
        reportFile: join(folder.path, `${project}.json`),
        arguments: plan.jestArguments,
        env: environment(plan, stores),
        print,
        onStart: (started) => (jest = started),
      });
      print(`${project}: ${sentenceOf(result)}`);
      totals = addTotals(totals, result);
    }
    return totals;
  } finally {
    interruption.forget();
    await stores?.stop();
    folder.close();
  }
}

function environment(plan: TestPlan, stores: TestStores | undefined): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...stores?.env,
    ...(plan.long ? { LONG: '1' } : {}),
    ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
  };
}

/** Ctrl-C ends jest; the stores are stopped on the way out as always. The second one uses force. */
function onInterrupt(stop: () => void) {
  let count = 0;
  const take = () => {
    if (++count > 1) process.exit(130);
    stop();
  };
  process.on('SIGINT', take);
  process.on('SIGTERM', take);
  return {
    happened: () => count > 0,
    forget: () => {
      process.off('SIGINT', take);
      process.off('SIGTERM', take);
    },
  };
}
