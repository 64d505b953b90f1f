import fc, { type Arbitrary } from 'fast-check';

import type { OpenApi, Operation, Parameter } from './openapi';
import { placeholder, type Schema, SchemaValues } from './schema-values';

/** One request of the walk; ids in it are placeholders still. */
export interface WalkRequest {
  readonly method: string;
  /** As the document has it. */
  readonly path: string;
  /** With parameters and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Who asks: position in the list of keys. */
  readonly asker: number;
}

const ASKERS = 6;

/** Things that break programs: NUL, a lone surrogate, other alphabets, SQL, paths, very long, very large. */
const strange = fc.constantFrom<unknown>(
  ...[
    '',
    ' ',
    '\0',
    '\ud800',
    '\u202e右',
    "' OR 1=1 --",
    '../../etc/passwd',
    '%00',
    'null',
    '-1',
    '1e309',
    '😀'.repeat(300),
  ],
  ...[
    null,
    true,
    0,
    -1,
    2 ** 53,
    1e300,
    -0.5,
    [],
    {},
    [[]],
    ['a', 1],
    { __proto__x: 1 },
    { '': {} },
    'x'.repeat(5_000),
  ],
);

/** Requests to every operation of a document: mostly as it asks for them, often not quite. */
export class WalkRequests {
  private readonly values: SchemaValues;

  constructor(private readonly document: OpenApi) {
    this.values = new SchemaValues(document.components.schemas);
  }

  /** @param isWanted leaves out operations that call others over the network */
  any(isWanted: (method: string, path: string) => boolean): Arbitrary<WalkRequest> {
    const each = Object.entries(this.document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => isWanted(method, path))
        // Taking away is rarer than making: else nothing is left to look at.
        .map(([method, operation]) => ({
          weight: method === 'delete' ? 1 : 4,
          arbitrary: this.to(method, path, operation),
        })),
    );
    return fc.oneof(...each);
  }

  private to(method: string, path: string, operation: Operation): Arbitrary<WalkRequest> {
    const parameters = operation.parameters ?? [];
    const place = (where: Parameter['in']) => parameters.filter((one) => one.in === where);
    return fc
      .record({
        path: fc.record(entries(place('path'), (one) => inPath(path, one.name))),
        query: this.query(path, place('query')),
        headers: headers(place('header')),
        body: method === 'get' ? fc.constant(undefined) : this.body(operation.requestBody?.content),
        asker: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: ASKERS - 1 })),
      })
      .map(({ path: ids, query, headers: sent, body, asker }) => ({
        ...{ method: method.toUpperCase(), path, asker },
        url: withQuery(filled(path, ids), query),
        headers: { ...sent, ...(body === undefined ? {} : { 'content-type': body.type }) },
        body: body?.text,
      }));
  }

  /** One or two of them at most: each may be refused, and the rest is then never looked at. */
  private query(path: string, known: readonly Parameter[]): Arbitrary<Record<string, unknown>> {
    if (known.length === 0) return fc.constant({});
    const one = fc.oneof(
      ...known.map(({ name, schema }) => {
        const asked =
          name === 'cursor' ? placeholder(`cursor of ${path}`) : this.values.of(schema, name);
        return fc
          .oneof({ weight: 7, arbitrary: asked }, { weight: 1, arbitrary: strange })
          .map((value): [string, unknown] => [name, value]);
      }),
    );
    return fc.array(one, { maxLength: 2 }).map((pairs) => Object.fromEntries(pairs));
  }

  private body(
    content: Readonly<Record<string, { readonly schema: Schema }>> | undefined,
  ): Arbitrary<{ type: string; text: string } | undefined> {
    const [type, { schema } = { schema: {} }] = Object.entries(content ?? {})[0] ?? [];
    if (type === undefined)
      return fc.option(fc.constant({ type: 'application/json', text: '{}' }), { nil: undefined });
    const asked = this.values.of(schema).map((value) => JSON.stringify(value));
    const spoilt = fc.tuple(this.values.of(schema), strange, fc.nat()).map(spoil);
    const raw = fc.constantFrom('', '{', '[]', 'null', '"x"', '{"a":1}', '{"name":"\\u0000"}', '1');
    const types = fc.constantFrom(
      ...Object.keys(content ?? {}),
      'text/plain',
      'application/json; charset=latin1',
    );
    return fc.oneof(
      { weight: 12, arbitrary: asked.map((text) => ({ type, text })) },
      { weight: 6, arbitrary: spoilt.map((text) => ({ type, text })) },
      { weight: 2, arbitrary: fc.record({ type: types, text: raw }) },
    );
  }
}

/** The same with one field gone, strange, or more. */
function spoil([value, odd, at]: [unknown, unknown, number]): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(odd);
  const names = [...Object.keys(value), 'unknownField'];
  const name = names[at % names.length] ?? 'unknownField';
  const spoilt: Record<string, unknown> = { ...value, [name]: odd };
  if (at % 3 === 0) delete spoilt[name];
  return JSON.stringify(spoilt);
}

const entries = <T>(parameters: readonly Parameter[], make: (one: Parameter) => T) =>
  Object.fromEntries(parameters.map((one) => [one.name, make(one)]));

/** `/channels/{id}`: a channel's id; seldom another one or none at all. */
function inPath(path: string, name: string): Arbitrary<unknown> {
  const [, , , collection] = path.split('/');
  return fc.oneof(
    { weight: 18, arbitrary: placeholder(`${collection}.${name}`) },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: strange },
  );
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  'X-Tenant-Id': ['ours', 'theirs', 'nobody', '\t'],
  'Idempotency-Key': ['a', 'b', 'c', 'é'],
  'If-Match': ['"1"', '"2"', '*', 'x'],
};

/** Those of the document, now and then. */
function headers(known: readonly Parameter[]): Arbitrary<Record<string, string>> {
  if (known.length === 0) return fc.constant({});
  const one = fc
    .constantFrom(...known.map(({ name }) => name))
    .chain((name) =>
      fc
        .constantFrom(...(WORDS[name] ?? ['one', 'two words', '']))
        .map((word): [string, string] => [name, word]),
    );
  return fc.array(one, { maxLength: 1 }).map((pairs) => Object.fromEntries(pairs));
}

const filled = (path: string, values: Readonly<Record<string, unknown>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(values[name]) || 'x');

function withQuery(url: string, query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`);
  return pairs.length === 0 ? url : `${url}?${pairs.join('&')}`;
}

const encoded = (value: unknown): string =>
  encodeURIComponent(
    (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed(),
  ).slice(0, 4_000);
