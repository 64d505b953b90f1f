import fc, { type Arbitrary } from 'fast-check';

/** The parts of JSON Schema 2020-12 that the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

const MAX_DEPTH = 4;
const MOST_CHARACTERS = 40;
const MOST_ITEMS = 3;

/** Stands for "one of those that are there by then": whoever sends the request puts it in. */
export const placeholder = (kind: string): Arbitrary<string> =>
  fc.nat({ max: 999 }).map((n) => `id~${kind}~${n}~`);
export const PLACEHOLDER = /id~([^~]+)~(\d+)~/g;

/** What a field such as `defaultAgentId` names. */
function kindOf(field: string): string {
  const [, noun = ''] = /(\w*?)Ids?$/.exec(field) ?? [];
  const word = /[a-z]+$/i.exec(noun.replace(/^(default|fallback)/, ''))?.[0].toLowerCase() ?? '';
  return `${word === 'delivery' ? 'deliverie' : word}s.id`;
}

/** Values of a schema: what the document promises to take. */
export class SchemaValues {
  constructor(private readonly components: Readonly<Record<string, Schema>>) {}

  of(schema: Schema | undefined, field = '', depth = 0): Arbitrary<unknown> {
    if (schema?.$ref !== undefined) return this.of(this.resolved(schema.$ref), field, depth);
    if (schema === undefined || depth > MAX_DEPTH) return fc.constantFrom(null, 1, 'x');
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const either = schema.anyOf ?? schema.oneOf;
    if (either) return fc.oneof(...either.map((one) => this.of(one, field, depth + 1)));
    const types = [schema.type ?? []].flat();
    if (types.length === 0) return fc.jsonValue({ maxDepth: 1 });
    return fc.oneof(...types.map((type) => this.ofType(type, schema, field, depth)));
  }

  private ofType(type: string, schema: Schema, field: string, depth: number): Arbitrary<unknown> {
    switch (type) {
      case 'string':
        return text(schema, field);
      case 'integer':
        return integer(schema);
      case 'number':
        return fc.oneof(integer(schema), number(schema));
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return fc.array(this.of(schema.items, field, depth + 1), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? MOST_ITEMS, (schema.minItems ?? 0) + MOST_ITEMS),
        });
      case 'object':
        return this.object(schema, depth);
      default:
        throw new Error(`a type that this walk does not know: ${type}`);
    }
  }

  private object(schema: Schema, depth: number): Arbitrary<unknown> {
    const known = Object.entries(schema.properties ?? {});
    const fields = fc.record(
      Object.fromEntries(known.map(([name, one]) => [name, this.of(one, name, depth + 1)])),
      { requiredKeys: [...(schema.required ?? [])] },
    );
    const { additionalProperties: further } = schema;
    if (typeof further !== 'object') return fields;
    const more = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), this.of(further, '', depth + 1), {
      maxKeys: 2,
    });
    return fc.tuple(fields, more).map(([one, other]) => ({ ...other, ...one }));
  }

  private resolved(ref: string): Schema {
    const found = this.components[ref.replace('#/components/schemas/', '')];
    if (!found) throw new Error(`a reference to nothing: ${ref}`);
    return found;
  }
}

function text(
  { format, pattern, minLength = 0, maxLength }: Schema,
  field: string,
): Arbitrary<string> {
  if (format === 'uuid') return placeholder(kindOf(field));
  if (format === 'date-time') return time.map((date) => date.toISOString());
  if (format === 'date') return time.map((date) => date.toISOString().slice(0, 10));
  if (format === 'uri') return fc.webUrl();
  if (pattern !== undefined) return matching(pattern);
  return fc.string({
    ...{ unit: 'grapheme', minLength },
    maxLength: Math.min(maxLength ?? MOST_CHARACTERS, Math.max(minLength, MOST_CHARACTERS)),
  });
}

const time = fc.date({
  ...{ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true },
});

function matching(pattern: string): Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern), { size: 'small' });
  } catch {
    // A look-ahead, say: then any word, which the service may refuse.
    return fc.stringMatching(/^[a-z0-9]{1,12}$/);
  }
}

function integer(schema: Schema): Arbitrary<number> {
  const [min, max] = bounds(schema);
  return fc.integer({
    min: Math.ceil(Math.max(min, -2147483648)),
    max: Math.floor(Math.min(max, 2147483647)),
  });
}

function number(schema: Schema): Arbitrary<number> {
  const [min, max] = bounds(schema);
  return fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
}

const bounds = (schema: Schema): [number, number] => [
  schema.minimum ?? schema.exclusiveMinimum ?? -1_000,
  schema.maximum ?? schema.exclusiveMaximum ?? 1e12,
];
