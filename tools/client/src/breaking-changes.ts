import { isDeepStrictEqual } from 'node:util';

type Json = Record<string, unknown>;
/** Whose schema it is: what clients send, or what they are answered. */
type Direction = 'request' | 'response';

interface Side {
  readonly document: Json;
  readonly schema: unknown;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/**
 * What a client that was written for `before` could stumble over in `after`, one sentence each. More may be sent and more may be
 * answered without harm; what was there must stay, and nothing that was optional may be demanded.
 */
export function breakingChanges(before: Json, after: Json): string[] {
  return Object.entries(at(before, 'paths')).flatMap(([path, item]) => {
    const now = at(after, 'paths')[path];
    if (!isObject(now)) return [`${path}: removed`];
    return METHODS.filter((method) => isObject((item as Json)[method])).flatMap((method) => {
      const where = `${method.toUpperCase()} ${path}`;
      const [old, operation] = [(item as Json)[method] as Json, now[method]];
      if (!isObject(operation)) return [`${where}: removed`];
      return [
        ...parameterChanges(old, operation, { before, after }),
        ...bodyChanges(old, operation, { before, after }),
        ...answerChanges(old, operation, { before, after }),
      ].map((change) => `${where}: ${change}`);
    });
  });
}

interface Documents {
  readonly before: Json;
  readonly after: Json;
}

function parameterChanges(old: Json, now: Json, documents: Documents): string[] {
  const named = (operation: Json) =>
    new Map(
      list(operation['parameters']).map((one) => [
        `${String(one['in'])} ${String(one['name'])}`,
        one,
      ]),
    );
  const [before, after] = [named(old), named(now)];
  const changed = [...before].flatMap(([name, parameter]) => {
    const other = after.get(name);
    if (!other) return [`parameter ${name} removed`];
    const demanded = other['required'] === true && parameter['required'] !== true;
    return [
      ...(demanded ? [`parameter ${name} is required now`] : []),
      ...schemaChanges(
        { document: documents.before, schema: parameter['schema'] },
        { document: documents.after, schema: other['schema'] },
        { direction: 'request', path: name },
      ),
    ];
  });
  const added = [...after]
    .filter(([name, parameter]) => !before.has(name) && parameter['required'] === true)
    .map(([name]) => `parameter ${name} is required now`);
  return [...changed, ...added];
}

function bodyChanges(old: Json, now: Json, documents: Documents): string[] {
  const [before, after] = [old['requestBody'], now['requestBody']];
  const demanded = isObject(after) && after['required'] === true && !isRequired(before);
  return [
    ...(demanded ? ['a body is required now'] : []),
    ...contentChanges(before, after, documents, 'request'),
  ];
}

const isRequired = (body: unknown): boolean => isObject(body) && body['required'] === true;

function answerChanges(old: Json, now: Json, documents: Documents): string[] {
  return Object.entries(at(old, 'responses'))
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, answer]) => {
      const other = at(now, 'responses')[status];
      if (!other) return [`answer ${status} removed`];
      return contentChanges(answer, other, documents, 'response');
    });
}

function contentChanges(
  before: unknown,
  after: unknown,
  documents: Documents,
  direction: Direction,
): string[] {
  const [old, now] = [at(before, 'content'), at(after, 'content')];
  return Object.entries(old).flatMap(([type, { schema }]: [string, Json]) => {
    const other = now[type];
    if (!isObject(other)) return [`${direction} as ${type} removed`];
    return schemaChanges(
      { document: documents.before, schema },
      { document: documents.after, schema: other['schema'] },
      { direction, path: direction },
    );
  });
}

interface Place {
  readonly direction: Direction;
  readonly path: string;
  readonly seen?: ReadonlySet<string>;
}

function schemaChanges(before: Side, after: Side, place: Place): string[] {
  const [old, now] = [resolved(before), resolved(after)];
  if (!old || !now) return [];
  const ref = `${refOf(before.schema)}|${refOf(after.schema)}`;
  const seen = place.seen ?? new Set<string>();
  // A schema that contains itself was looked at already.
  if (ref !== '|' && seen.has(ref)) return [];
  const inside = { ...place, seen: new Set([...seen, ref]) };
  return [
    ...typeChanges(old, now, place),
    ...wordChanges(old, now, place),
    ...propertyChanges({ ...before, schema: old }, { ...after, schema: now }, inside),
    ...alternativeChanges({ ...before, schema: old }, { ...after, schema: now }, inside),
    ...(old['items'] && now['items']
      ? schemaChanges(
          { ...before, schema: old['items'] },
          { ...after, schema: now['items'] },
          { ...inside, path: `${place.path}[]` },
        )
      : []),
  ];
}

/** A request may be read more widely, an answer must not become wider. */
function typeChanges(old: Json, now: Json, { direction, path }: Place): string[] {
  const [before, after] = [words(old['type']), words(now['type'])];
  if (before.length === 0 || after.length === 0) return [];
  const [narrow, wide] = direction === 'request' ? [before, after] : [after, before];
  const fits = narrow.every(
    (type) => wide.includes(type) || (type === 'integer' && wide.includes('number')),
  );
  return fits ? [] : [`${path}: was ${before.join(' or ')}, is ${after.join(' or ')}`];
}

function wordChanges(old: Json, now: Json, { direction, path }: Place): string[] {
  const [before, after] = [wordsOf(old), wordsOf(now)];
  if (direction === 'response' || !before || !after) return [];
  return before
    .filter((word) => !after.includes(word))
    .map((word) => `${path}: ${word} is refused now`);
}

function propertyChanges(before: Side, after: Side, place: Place): string[] {
  const [old, now] = [before.schema as Json, after.schema as Json];
  const [was, is] = [at(old, 'properties'), at(now, 'properties')];
  const changed = Object.entries(was).flatMap(([name, schema]) => {
    const path = `${place.path}.${name}`;
    if (!(name in is)) return isOpen(now, place.direction) ? [] : [`${path}: removed`];
    const other = is[name];
    return schemaChanges({ ...before, schema }, { ...after, schema: other }, { ...place, path });
  });
  const [needed, needs] = [words(old['required']), words(now['required'])];
  const demanded =
    place.direction === 'request'
      ? needs.filter((name) => !needed.includes(name)).map((name) => `${name} is required now`)
      : needed
          .filter((name) => name in is && !needs.includes(name))
          .map((name) => `${name} may be missing now`);
  return [...changed, ...demanded.map((change) => `${place.path}.${change}`)];
}

/** Whether a body may have fields that the schema does not name. */
const isOpen = (schema: Json, direction: Direction): boolean =>
  direction === 'request' &&
  schema['additionalProperties'] !== false &&
  schema['additionalProperties'] !== undefined;

function alternativeChanges(before: Side, after: Side, place: Place): string[] {
  const of = (schema: unknown) => list((schema as Json)['anyOf'] ?? (schema as Json)['oneOf']);
  const [old, now] = [of(before.schema), of(after.schema)];
  if (old.length === 0 || now.length === 0) return [];
  const gone = old.filter((one) => !now.some((other) => isDeepStrictEqual(one, other)));
  const come = now.filter((one) => !old.some((other) => isDeepStrictEqual(one, other)));
  if (gone.length === come.length)
    return gone.flatMap((schema, n) =>
      schemaChanges({ ...before, schema }, { ...after, schema: come[n] }, place),
    );
  const isBreaking =
    place.direction === 'request' ? gone.length > come.length : come.length > gone.length;
  return isBreaking ? [`${place.path}: other alternatives than before`] : [];
}

function resolved({ document, schema }: Side): Json | undefined {
  if (!isObject(schema)) return undefined;
  const ref = schema['$ref'];
  if (typeof ref !== 'string') return schema;
  const target = ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((value, part) => at(value, part), document);
  return resolved({ document, schema: target });
}

const refOf = (schema: unknown): string =>
  isObject(schema) && typeof schema['$ref'] === 'string' ? schema['$ref'] : '';

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The object at a key, or an empty one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any part of any document
function at(value: unknown, key: string): Record<string, any> {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : {};
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

const words = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];

function wordsOf(schema: Json): string[] | undefined {
  if (Array.isArray(schema['enum'])) return schema['enum'].map(String);
  return schema['const'] === undefined ? undefined : [String(schema['const'])];
}
