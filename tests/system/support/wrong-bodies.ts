/** Random numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

const STRANGE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1e308, '', ' ', '\0', '\ud83d', 'a'.repeat(5_000), '{"a":1}', '[]'],
  ...[[], {}, [[[[]]]], { toString: 1 }, ['x', null, {}], '__proto__', 'constructor'],
];
const pick = <T>(random: Random, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)] as T;

/** A body like the given one, but wrong somewhere: cut, flipped, or with a strange value at some depth. */
export function mutated(random: Random, text: string): string {
  const way = random();
  if (way < 0.15) return text.slice(0, Math.floor(random() * text.length));
  if (way < 0.3) return flipped(random, text);
  if (way < 0.4) return JSON.stringify(pick(random, STRANGE));
  if (way < 0.45) return '['.repeat(Math.floor(random() * 20_000));
  const body = JSON.parse(text) as Record<string, unknown>;
  for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) spoil(random, body);
  return JSON.stringify(body);
}

function flipped(random: Random, text: string): string {
  const at = Math.floor(random() * text.length);
  const other = String.fromCharCode(Math.floor(random() * 0x3000));
  return text.slice(0, at) + other + text.slice(at + 1);
}

function spoil(random: Random, value: Record<string, unknown>): void {
  const key = pick(random, Object.keys(value));
  const inner = value[key];
  const isDeep = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
  if (isDeep && random() < 0.6) spoil(random, inner as Record<string, unknown>);
  else if (random() < 0.2) delete value[key];
  else value[key] = pick(random, STRANGE);
  if (Object.keys(value).length === 0) value['left'] = null;
}
