/** `measured` are system specs too: those that run alone (jest.config.js). */
export type TestProject = 'unit' | 'e2e' | 'system' | 'measured';

export interface TestPlan {
  readonly projects: readonly TestProject[];
  /** Also the specs that take minutes. */
  readonly long: boolean;
  /** Handed to jest as they are. */
  readonly jestArguments: readonly string[];
}

const all: readonly TestProject[] = ['unit', 'e2e', 'system', 'measured'];

/** @throws Error  when `--only` names no project */
export function parseTestArguments(args: readonly string[]): TestPlan {
  const only: TestProject[] = [];
  const jestArguments: string[] = [];
  let long = process.env['LONG'] === '1';
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string; // i is in range
    if (arg === '--long') long = true;
    else if (arg === '--no-build') continue;
    else if (arg === '--only') only.push(...projectsNamed(args[++i]));
    else if (arg.startsWith('--only=')) only.push(...projectsNamed(arg.slice('--only='.length)));
    else jestArguments.push(arg);
  }
  const projects = only.length > 0 ? all.filter((project) => only.includes(project)) : all;
  return { projects, long, jestArguments };
}

function projectsNamed(name: string | undefined): TestProject[] {
  if (name === 'system') return ['system', 'measured'];
  const project = all.find((known) => known === name);
  if (!project) throw new Error(`--only takes unit, e2e or system, not ${name ?? 'nothing'}`);
  return [project];
}
