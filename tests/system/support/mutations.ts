const TOPICS = [
  '/v1.0/im/bot/messages/get',
  '/v1.0/card/instances/callback',
  '*',
  'ping',
  '/v1.0/unknown',
];
const TYPES = ['CALLBACK', 'EVENT', 'SYSTEM', 'NOVELTY', ''];

/** Strange values that every field meets. */
const STRANGE: readonly unknown[] = [
  ...[null, true, 0, -1, 1e308, '', '\0', '\ud800', '{}', '[]', 'null', '{"a":'],
  ...[
    [],
    {},
    [[[[]]]],
    { toString: 1 },
    { __proto__: null },
    '9'.repeat(400),
    '\u202e',
    'x'.repeat(70_000),
  ],
];

/** Mulberry32: the same seed gives the same frames on every machine. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Frames that are wrong in every way that dice can think of; some are right by chance. */
export function mutations(clientId: string, seed: number) {
  const random = dice(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  let count = 0;

  const message = (): Record<string, unknown> => ({
    msgId: `fuzz-${(count += 1)}`,
    msgtype: pick(['text', 'richText', 'picture', 'audio', 'chatRecord', 'novelty']),
    text: { content: 'mutated' },
    content: { richText: [{ text: 'a' }, { pictureDownloadCode: 'c' }], recognition: 'r' },
    conversationId: 'cid-fuzz',
    conversationType: '1',
    senderStaffId: 'fuzzer',
    robotCode: clientId,
    createAt: 1_700_000_000_000,
  });
  const spoiled = (fields: Record<string, unknown>): Record<string, unknown> => {
    const keys = Object.keys(fields);
    for (let n = below(4); n >= 0; n -= 1) fields[pick(keys)] = pick(STRANGE);
    if (random() < 0.2) delete fields[pick(keys)];
    return fields;
  };
  const frame = (): string => {
    const data = spoiled(message());
    const headers = { topic: pick(TOPICS), messageId: `f${count}`, eventId: `e${count}` };
    const whole = { specVersion: '1.0', type: pick(TYPES), headers, data: JSON.stringify(data) };
    return JSON.stringify(random() < 0.4 ? spoiled(whole) : whole);
  };
  const cut = (text: string): string => text.slice(0, below(text.length + 1));
  const flipped = (text: string): string => {
    const bytes = Buffer.from(text);
    for (let n = below(8); n >= 0; n -= 1) bytes[below(bytes.length)] = below(128);
    return bytes.toString('utf8');
  };
  const noise = (): string =>
    Buffer.from(Array.from({ length: 1 + below(300) }, () => below(256))).toString('base64');

  return {
    next(): { raw: string } | { base64: string } {
      const kind = random();
      if (kind < 0.1) return { base64: noise() };
      if (kind < 0.25) return { raw: cut(frame()) };
      if (kind < 0.55) return { raw: flipped(frame()) };
      return { raw: frame() };
    },
  };
}
