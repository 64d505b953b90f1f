import type { z } from 'zod';

const MOST = 1_000;

/**
 * Reads settings that most rows have alike: the same text is parsed once. What comes out is shared, so nobody may change it.
 * @throws ZodError when what is stored is not as the schema says
 */
export function parsedOnce<T extends z.ZodType>(schema: T): (stored: unknown) => z.output<T> {
  const known = new Map<string, z.output<T>>();
  return (stored) => {
    const text = JSON.stringify(stored);
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = schema.parse(stored);
    if (known.size >= MOST) known.clear();
    known.set(text, parsed);
    return parsed;
  };
}
