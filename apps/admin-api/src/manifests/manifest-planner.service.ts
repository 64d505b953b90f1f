import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import type { Caller } from '../auth/caller.decorator';
import { type FieldError, InvalidInputError } from '../http/api.errors';
import { fieldErrors } from '../http/field-errors';
import { mergePatch } from '../http/merge-patch';
import { bodyOf, changesBetween, itemOf, type LostName } from './item-shape';
import { type Kind, kinds } from './kinds';
import { type Item, type ItemChange, type Manifest, type Section, sections } from './manifest.dto';
import type { NameBook } from './name-book';
import type { PresentState } from './present-state.service';
import { StoredSecrets } from './stored-secrets';

/** What is to be done with one item of a document. */
export interface PlannedItem {
  readonly section: Section;
  readonly name: string;
  /** What refers to it until it is there; the id itself when it is. */
  readonly id: string;
  readonly isNew: boolean;
  readonly item: Item;
  readonly changes: readonly ItemChange[];
}

interface Entry {
  readonly kind: Kind;
  readonly path: string;
  readonly item: Item;
  readonly name: string;
  readonly present: { readonly id: string; readonly item: Item } | undefined;
  readonly id: string;
}

/** Compares a document with what is there. All of it must be right before anything is done. */
@Injectable()
export class ManifestPlanner {
  constructor(private readonly secrets: StoredSecrets) {}

  /** @throws InvalidInputError naming every field of every item that is wrong */
  async plan(caller: Caller, document: Manifest, state: PresentState): Promise<PlannedItem[]> {
    const errors: FieldError[] = [];
    const entries = sections.flatMap((section) =>
      document[section].flatMap((item, n) =>
        entryOf(kinds[section], item, `${section}.${n}`, state, errors),
      ),
    );
    refuseTwins(entries, errors);
    // New ones have a name before they have an id, so that the others can refer to them.
    for (const { kind, name, id, present } of entries)
      if (!present) state.names.add(kind.section, name, id);
    const plan: PlannedItem[] = [];
    for (const entry of entries) {
      const changes = changesOf(entry, state.names, errors);
      if (changes) plan.push(await this.planned(caller, entry, changes));
    }
    if (errors.length > 0) throw new InvalidInputError(errors);
    return plan;
  }

  private async planned(
    { tenantId }: Caller,
    { kind, name, id, item, present }: Entry,
    changes: readonly ItemChange[],
  ): Promise<PlannedItem> {
    const { section } = kind;
    const ofSecrets = await this.secrets.changes(tenantId, section, present?.id ?? null, item);
    return { section, name, id, isNew: !present, item, changes: [...changes, ...ofSecrets] };
  }
}

function entryOf(
  kind: Kind,
  { id: wantedId, ...item }: Item,
  path: string,
  state: PresentState,
  errors: FieldError[],
): Entry[] {
  const there = state.of[kind.section];
  const name = item[kind.key];
  if (typeof name !== 'string' || name.trim() === '') {
    errors.push({ path: `${path}.${kind.key}`, message: 'is required' });
    return [];
  }
  const found = there.filter((one) =>
    wantedId === undefined ? one.name === name : one.id === wantedId,
  );
  if (found.length > 1 || (wantedId !== undefined && found.length === 0)) {
    const message = found.length > 1 ? 'several have this name: add the id' : 'there is no such id';
    errors.push({ path: found.length > 1 ? `${path}.${kind.key}` : `${path}.id`, message });
    return [];
  }
  const [present] = found;
  return [{ kind, path, item, name, present, id: present?.id ?? randomUUID() }];
}

function refuseTwins(entries: readonly Entry[], errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const { kind, path, name, present } of entries) {
    const which = `${kind.section}/${present?.id ?? name}`;
    if (seen.has(which))
      errors.push({ path: `${path}.${kind.key}`, message: 'stands in this document twice' });
    seen.add(which);
  }
}

/** Undefined: something is wrong with it, and told. */
function changesOf(
  entry: Entry,
  names: NameBook,
  errors: FieldError[],
): readonly ItemChange[] | undefined {
  const { kind, item, present, path } = entry;
  const find = names.find.bind(names);
  const wanted = present ? mergePatch(present.item, item) : withoutNulls(item);
  const whole = bodyOf(kind, wanted as Item, find);
  const parsed = (present ? kind.merged : kind.created).safeParse(whole.body);
  const wrong = [
    ...whole.lost.map(asError),
    // What was written comes before what is missing; of one field the first fault is told.
    ...issuesOf(kind, kind.patch.safeParse(bodyOf(kind, item, find).body)),
    ...issuesOf(kind, parsed),
  ];
  const told = new Map(wrong.toReversed().map((error) => [error.path, error.message]));
  for (const [field, message] of told)
    errors.push({ path: field === '' ? path : `${path}.${field}`, message });
  if (wrong.length > 0 || !parsed.success) return undefined;
  const bare = without(parsed.data as Item, kind.secrets);
  return changesBetween(present?.item ?? {}, itemOf(kind, bare, names));
}

/** In the words of the document: `model`, not `modelId`. */
function issuesOf(kind: Kind, { error }: z.ZodSafeParseResult<unknown>): FieldError[] {
  if (!error) return [];
  return fieldErrors(error).map(({ path, message }) => {
    const field = kind.references.find(({ becomes }) =>
      `${path}.`.startsWith(`${becomes.join('.')}.`),
    );
    if (!field) return { path, message };
    return { path: field.path.join('.') + path.slice(field.becomes.join('.').length), message };
  });
}

const asError = ({ path, name, why }: LostName): FieldError => ({
  path,
  message:
    why === 'ambiguous' ? `several have the name "${name}": use an id` : `there is no "${name}"`,
});

const withoutNulls = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));

const without = (item: Item, fields: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([field]) => !fields.includes(field)));
