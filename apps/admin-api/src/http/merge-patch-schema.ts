import { z } from 'zod';

/**
 * What a merge patch of a resource may look like: every field may be left out or null, nested objects likewise. Whether
 * the merged result is whole is checked against the resource's own schema afterwards.
 */
export function mergePatchSchema(schema: z.ZodObject): z.ZodObject {
  const shape = Object.entries(schema.shape).map(
    ([name, field]) => [name, patchField(field as z.ZodType)] as const,
  );
  const patch = z.object(Object.fromEntries(shape));
  const { catchall } = schema.def;
  return catchall ? patch.catchall(nullable(catchall as z.ZodType)) : patch;
}

function patchField(field: z.ZodType): z.ZodType {
  const inner = unwrapped(field);
  const patch = inner instanceof z.ZodObject ? mergePatchSchema(inner) : inner;
  return nullable(patch).optional();
}

// `never` is how a strict object refuses unknown fields; it must stay what it is.
const nullable = (type: z.ZodType): z.ZodType =>
  type instanceof z.ZodNever ? type : type.nullable();

function unwrapped(field: z.ZodType): z.ZodType {
  if (
    field instanceof z.ZodOptional ||
    field instanceof z.ZodNullable ||
    field instanceof z.ZodDefault ||
    field instanceof z.ZodPrefault
  )
    return unwrapped(field.unwrap() as z.ZodType);
  return field;
}
