import type { z } from 'zod';

import type { Envelope } from './envelope';

/** One queue: what its jobs carry, how they are named, how often they are tried. */
export interface QueueContract<T extends Envelope> {
  readonly name: string;
  readonly payload: z.ZodType<T>;
  /** Same work, same id: BullMQ drops the duplicate while it knows the first. No ':' and not all digits. */
  jobId(payload: T): string;
  readonly retry: { readonly attempts: number; readonly backoffMs: number };
  /** How long a worker may be silent before its job is given to another, in milliseconds. */
  readonly lockMs: number;
}

export const defineQueue = <T extends Envelope>(contract: QueueContract<T>): QueueContract<T> =>
  Object.freeze(contract);
