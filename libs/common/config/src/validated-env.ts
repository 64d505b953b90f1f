import { type z } from 'zod';

/** One sentence per wrong variable; `runService` prints it and ends the process with code 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * A base class whose instances are the validated environment: class, type and injection token in one. Empty strings
 * count as unset, as compose files write them. All wrong variables are named at once.
 */
export function validatedEnv<S extends z.ZodObject>(schema: S) {
  return class {
    static readonly schema = schema;

    constructor(env: NodeJS.ProcessEnv = process.env) {
      const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
      const parsed = schema.safeParse(given);
      if (!parsed.success) throw new ConfigError(sentence(parsed.error));
      Object.assign(this, parsed.data);
      Object.freeze(this);
    }
  } as unknown as (new (env?: NodeJS.ProcessEnv) => Readonly<z.output<S>>) & { readonly schema: S };
}

function sentence(error: z.ZodError): string {
  const lines = error.issues.map((issue) => {
    const missing = issue.code === 'invalid_type' && issue.message.includes('received undefined');
    return `  ${issue.path.join('.')}: ${missing ? 'is required' : issue.message}`;
  });
  return `The environment is not complete:\n${lines.join('\n')}`;
}
