import type { Environment } from '../environment';

const REFERENCE = 'fromEnv';

export interface Filled {
  readonly document: unknown;
  /** Variables that are named and not set. */
  readonly missing: readonly string[];
}

/** The document with what stands in the environment in place of `{fromEnv: NAME}`, so that no secret stands in a file. */
export function withSecrets(document: unknown, environment: Pick<Environment, 'variable'>): Filled {
  const missing = new Set<string>();
  const filled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(filled);
    if (value === null || typeof value !== 'object') return value;
    const name = referenceOf(value);
    if (name === undefined)
      return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, filled(below)]));
    const given = environment.variable(name);
    if (given === undefined) missing.add(name);
    return given;
  };
  return { document: filled(document), missing: [...missing] };
}

function referenceOf(value: object): string | undefined {
  const [[key, name] = [], ...others] = Object.entries(value) as [string, unknown][];
  return key === REFERENCE && others.length === 0 && typeof name === 'string' ? name : undefined;
}
