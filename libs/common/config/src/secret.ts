import { inspect } from 'node:util';

import { z } from 'zod';

/** A value that prints as `***` however it is printed; only `reveal()` gives it away. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

export const secret = () =>
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value));
