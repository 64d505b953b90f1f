import type { ZodError } from 'zod';

import type { FieldError } from './api.errors';

/** One entry per wrong field; values are never repeated, they may be secrets. */
export function fieldErrors(error: ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...at, key].join('.'), message: 'unknown field' }));
    const isMissing = issue.code === 'invalid_type' && /received undefined$/.test(issue.message);
    return [{ path: at.join('.'), message: isMissing ? 'is required' : issue.message }];
  });
}
