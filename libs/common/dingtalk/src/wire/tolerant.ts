import { storableText } from '@common/kernel';
import { z } from 'zod';

export type Fields = Readonly<Record<string, unknown>>;

/** Longest id we take. Real ones have some 50 characters; a longer one could not be indexed. */
const MAX_ID_CHARS = 512;
/** Longest name or title we keep. */
const MAX_NAME_CHARS = 256;

/** Each reads one value and never fails: a schema of one plain function, for a message has dozens of them. */
const loose = <T>(read: (value: unknown) => T) => z.unknown().default(null).transform(read);

/** Numbers arrive as strings and strings as numbers (C26); what is neither is absent. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const isPlain = typeof value === 'boolean' || Number.isFinite(value);
  return isPlain ? String(value) : null;
}

function storableOf(value: unknown): string | null {
  const text = textOf(value);
  return text === null ? null : storableText(text);
}

/** Any text, storable; null when absent or of another type. */
export const looseText = loose(storableOf);

/** An id: trimmed, not empty, not endless; else null. */
export const looseId = loose((value) => {
  const id = storableOf(value)?.trim() ?? '';
  return id === '' || id.length > MAX_ID_CHARS ? null : id;
});

/** A name or title for people: cut when it is very long, never inside a character. */
export const looseName = loose((value) => {
  const name = storableOf(value)?.trim() ?? '';
  return name === '' ? null : storableText(name.slice(0, MAX_NAME_CHARS));
});

/** A point in time in ms since the epoch, as number or digits; else null. */
export const looseMs = loose((value) => {
  const ms = Number(textOf(value) ?? Number.NaN);
  return Number.isSafeInteger(ms) && ms > 0 && ms < 8.64e15 ? ms : null;
});

/** `true` may arrive as text or number; only what clearly is true counts. */
export const looseFlag = loose((value) => ['true', '1'].includes(textOf(value) ?? ''));

/** An object, or the same as a JSON string (`content` comes both ways); else `{}`. */
export const looseObject = z
  .unknown()
  .default(null)
  .transform((value): Fields => asObject(value) ?? {});

/** A plain object out of a value or of the JSON text of one; null for anything else. */
export function asObject(value: unknown): Record<string, unknown> | null {
  const parsed = typeof value === 'string' ? parseJson(value) : value;
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return null;
  return parsed as Record<string, unknown>;
}

/** Never throws: `undefined` stands for "not JSON". */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A list, or the JSON text of one; `[]` for anything else. */
export function asList(value: unknown): readonly unknown[] {
  const parsed = typeof value === 'string' ? parseJson(value) : value;
  return Array.isArray(parsed) ? (parsed as unknown[]) : [];
}
