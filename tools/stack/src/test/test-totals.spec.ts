import { addTotals, type JestReport, noTests, sentenceOf, totalsOf } from './test-totals';

function aReport(overrides: Partial<JestReport> = {}): JestReport {
  return {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...overrides,
  };
}

describe('test totals', () => {
  it('counts what passed', () => {
    expect(totalsOf(aReport(), 0)).toEqual({ passed: 3, failed: 0, skipped: 0, failures: [] });
  });

  it('names the tests that failed', () => {
    const assertionResults = [
      { status: 'passed', fullName: 'a' },
      { status: 'failed', fullName: 'b' },
    ];
    const testResults = [{ name: 'x.spec.ts', status: 'failed', assertionResults }];
    expect(totalsOf(aReport({ numFailedTests: 1, testResults }), 1)).toMatchObject({
      failed: 1,
      failures: ['b'],
    });
  });

  it('counts a suite that could not run as a failure', () => {
    const testResults = [{ name: 'x.spec.ts', status: 'failed', assertionResults: [] }];
    expect(totalsOf(aReport({ testResults }), 1)).toMatchObject({ passed: 3, failed: 1 });
  });

  it('counts a crash without a report as a failure', () => {
    expect(totalsOf(undefined, null)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('counts an exit code that no test explains as a failure', () => {
    expect(totalsOf(aReport(), 1)).toMatchObject({ passed: 3, failed: 1 });
  });

  it('counts pending and todo as skipped and says so only then', () => {
    const skipped = totalsOf(aReport({ numPendingTests: 1, numTodoTests: 2 }), 0);
    expect(sentenceOf(skipped)).toBe('3 passed, 0 failed, 3 skipped');
    expect(sentenceOf(addTotals(totalsOf(aReport(), 0), noTests))).toBe('3 passed, 0 failed');
  });
});
