/** What we read of jest's `--json` output. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface TestTotals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, by name. */
  readonly failures: readonly string[];
}

export const noTests: TestTotals = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** A run's numbers. A suite that could not run, a crash of jest and a missing report are failures too. */
export function totalsOf(report: JestReport | undefined, exitCode: number | null): TestTotals {
  if (!report)
    return { ...noTests, failed: 1, failures: [`jest ended with ${exitCode}, no report`] };
  const brokenSuites = report.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.every(isNotFailed),
  );
  const failures = [
    ...brokenSuites.map((suite) => `${suite.name} (did not run to its end)`),
    ...report.testResults.flatMap((suite) =>
      suite.assertionResults.filter((test) => !isNotFailed(test)).map((test) => test.fullName),
    ),
  ];
  const failed = report.numFailedTests + brokenSuites.length;
  const isUnexplained = failed === 0 && exitCode !== 0;
  return {
    passed: report.numPassedTests,
    failed: isUnexplained ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: isUnexplained ? [`jest ended with ${exitCode}`] : failures,
  };
}

export function addTotals(a: TestTotals, b: TestTotals): TestTotals {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

/** `N passed, N failed`, with `, N skipped` if any. */
export function sentenceOf({ passed, failed, skipped }: TestTotals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

const isNotFailed = (test: { readonly status: string }) => test.status !== 'failed';
