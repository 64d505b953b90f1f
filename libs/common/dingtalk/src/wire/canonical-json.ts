/**
 * One text for all spellings of the same value: keys and list items in order, numbers and booleans as strings, nothing for
 * what is absent. Good for comparing and hashing, not for reading back.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).sort().join(',')}]`;
  if (typeof value !== 'object') return JSON.stringify(String(value));
  const fields = Object.entries(value)
    .filter(([, item]) => item !== null && item !== undefined)
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${fields.sort().join(',')}}`;
}
