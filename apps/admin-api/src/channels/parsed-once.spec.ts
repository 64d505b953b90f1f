import { z } from 'zod';

import { parsedOnce } from './parsed-once';

describe('settings that are read once', () => {
  it('are what the schema makes of them, the same for the same text', () => {
    const read = parsedOnce(z.object({ on: z.boolean().default(true) }));
    expect(read({})).toEqual({ on: true });
    expect(read({})).toBe(read({}));
    expect(read({ on: false })).toEqual({ on: false });
  });

  it('are refused every time when they are wrong', () => {
    const read = parsedOnce(z.object({ n: z.number() }));
    for (let n = 0; n < 2; n++) expect(() => read({})).toThrow();
  });
});
