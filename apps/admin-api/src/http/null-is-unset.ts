import { z } from 'zod';

/** A body to create from, where `null` says of a field what leaving it out says: that it is not set. */
export const nullIsUnset = <T extends z.ZodType>(schema: T) => z.preprocess(withoutNulls, schema);

/** Of the resource itself: deeper down a null may be a value, such as a parameter of a model. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
