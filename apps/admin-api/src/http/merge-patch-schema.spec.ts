import { z } from 'zod';

import { mergePatchSchema } from './merge-patch-schema';

describe('mergePatchSchema', () => {
  const resource = z.strictObject({
    name: z.string().min(1),
    mode: z.enum(['a', 'b']).default('a'),
    group: z
      .strictObject({ on: z.boolean().default(true), tag: z.string().optional() })
      .prefault({}),
    limits: z.object({ seconds: z.number().optional() }).catchall(z.number()).default({}),
  });
  const patch = mergePatchSchema(resource);

  it('invents no values for what is left out', () => {
    expect(patch.parse({ group: {} })).toEqual({ group: {} });
  });

  it('takes null for every field, in every depth', () => {
    const removing = { name: null, mode: null, group: { on: null }, limits: { other: null } };

    expect(patch.parse(removing)).toEqual(removing);
  });

  it('still refuses wrong values and unknown fields where they are', () => {
    const { error } = patch.safeParse({ name: '', group: { colour: 1 }, limits: { x: 'y' } });

    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([
      'name',
      'group',
      'limits.x',
    ]);
  });
});
