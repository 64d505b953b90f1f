import { inspect } from 'node:util';

import { z } from 'zod';

import { secret } from './secret';
import { ConfigError, validatedEnv } from './validated-env';

class Demo extends validatedEnv(
  z.object({ URL: secret(), COUNT: z.coerce.number().int().default(3), OTHER: z.string() }),
) {}

describe('validatedEnv', () => {
  it('fills in defaults and freezes', () => {
    const demo = new Demo({ URL: 'x', OTHER: 'y' });
    expect(demo.COUNT).toBe(3);
    expect(Object.isFrozen(demo)).toBe(true);
  });

  it('names every wrong variable at once, an empty one as missing', () => {
    expect(() => new Demo({ URL: '', COUNT: 'many' })).toThrow(ConfigError);
    expect(() => new Demo({ URL: '', COUNT: 'many' })).toThrow(
      /URL: is required[\s\S]*COUNT[\s\S]*OTHER/,
    );
  });

  it('prints a secret as stars however it is printed', () => {
    const { URL } = new Demo({ URL: 'hunter2', OTHER: 'y' });
    expect(`${URL} ${JSON.stringify({ URL })} ${inspect({ URL })}`).not.toContain('hunter2');
    expect(URL.reveal()).toBe('hunter2');
  });
});
