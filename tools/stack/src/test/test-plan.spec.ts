import { parseTestArguments } from './test-plan';

describe('arguments of npm test', () => {
  it('runs every project when nothing is said', () => {
    expect(parseTestArguments([]).projects).toEqual(['unit', 'e2e', 'system', 'measured']);
  });

  it('hands what it does not know to jest', () => {
    expect(parseTestArguments(['--only', 'e2e', 'redis', '-t', 'starts'])).toMatchObject({
      projects: ['e2e'],
      jestArguments: ['redis', '-t', 'starts'],
    });
  });

  it('keeps its own order of projects', () => {
    expect(parseTestArguments(['--only=system', '--only=unit']).projects).toEqual([
      'unit',
      'system',
      'measured',
    ]);
  });

  it('refuses a project that does not exist', () => {
    expect(() => parseTestArguments(['--only', 'integration'])).toThrow('not integration');
  });

  it('includes the long specs on demand', () => {
    expect(parseTestArguments(['--long']).long).toBe(true);
  });
});
