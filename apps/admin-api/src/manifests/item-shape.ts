import { isDeepStrictEqual } from 'node:util';

import type { Item, ItemChange } from './manifest.dto';
import type { Kind, ReferenceField } from './kinds';
import type { Found, NameBook } from './name-book';

type Json = Record<string, unknown>;

/** A resource as it stands in a document: no ids, no secrets, nothing that is not set. */
export function itemOf(kind: Kind, view: Json, names: NameBook): Item {
  const bare = Object.entries(view).filter(
    ([field, value]) => value !== null && value !== undefined && !kind.omitted.includes(field),
  );
  return kind.references.reduce(
    (item, { path, becomes, target, list }) => {
      const ids = at(item, becomes);
      if (ids === undefined) return item;
      const named = list
        ? (ids as string[]).map((id) => (list.words.includes(id) ? id : names.nameOf(target, id)))
        : names.nameOf(target, ids as string);
      return put(without(item, becomes), path, named);
    },
    Object.fromEntries(bare) as Item,
  );
}

/** A name that leads to nobody, or to several. */
export interface LostName {
  readonly path: string;
  readonly name: string;
  readonly why: 'unknown' | 'ambiguous';
}

/** The same as a body of the REST API; names that are not found are told. */
export function bodyOf(
  kind: Kind,
  item: Item,
  find: (target: ReferenceField['target'], name: string) => Found,
): { readonly body: Json; readonly lost: readonly LostName[] } {
  const lost: LostName[] = [];
  const idOf = (field: ReferenceField, name: unknown, path: string): unknown => {
    // The schema of the body says what is wrong with it.
    if (typeof name !== 'string' || field.list?.words.includes(name)) return name;
    const found = find(field.target, name);
    if (found === 'unknown' || found === 'ambiguous') lost.push({ path, name, why: found });
    return found;
  };
  const body = kind.references.reduce((made, field) => {
    const given = at(made, field.path);
    if (given === undefined) return made;
    const path = field.path.join('.');
    const ids =
      field.list && Array.isArray(given)
        ? given.map((name, n) => idOf(field, name, `${path}.${n}`))
        : idOf(field, given, path);
    return put(without(made, field.path), field.becomes, ids);
  }, item);
  return { body, lost };
}

/** Field by field, as deep as there are objects; arrays as a whole. */
export function changesBetween(before: unknown, after: unknown, path = ''): ItemChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after) || path === 'params') {
    const [one, other] = [before ?? null, after ?? null];
    return [{ path, before: one as ItemChange['before'], after: other as ItemChange['after'] }];
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((field) =>
    changesBetween(before[field], after[field], path === '' ? field : `${path}.${field}`),
  );
}

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function at(item: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, field) => (isObject(value) && Object.hasOwn(value, field) ? value[field] : undefined),
    item,
  );
}

function put(item: Json, [field, ...rest]: readonly string[], value: unknown): Json {
  if (field === undefined) return item;
  const below = item[field];
  return {
    ...item,
    [field]: rest.length === 0 ? value : put(isObject(below) ? below : {}, rest, value),
  };
}

function without(item: Json, [field, ...rest]: readonly string[]): Json {
  if (field === undefined || !(field in item)) return item;
  const { [field]: below, ...others } = item;
  return rest.length === 0 || !isObject(below)
    ? others
    : { ...others, [field]: without(below, rest) };
}
