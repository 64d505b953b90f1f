import { CARD_LIMITS, MESSAGE_LIMITS, numbered, splitMarkdown } from './text-splitter';

const bytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

describe('splitMarkdown', () => {
  it('leaves a short text alone', () => {
    expect(splitMarkdown('# hi\n\nthere', CARD_LIMITS)).toEqual(['# hi\n\nthere']);
    expect(numbered(['one'])).toEqual(['one']);
  });

  it('C62 keeps every piece of a 20 000 character Chinese answer below the limits, and loses nothing', () => {
    const text = '汉字段落。'.repeat(4_000);
    const pieces = numbered(splitMarkdown(text, MESSAGE_LIMITS));
    for (const piece of pieces) expect(bytes(piece)).toBeLessThanOrEqual(12_000);
    expect(pieces.map((piece) => piece.replace(/\n\n\(\d+\/\d+\)$/, '')).join('')).toBe(text);
  });

  it('cuts between paragraphs', () => {
    const paragraph = `${'word '.repeat(150).trim()}\n`;
    const pieces = splitMarkdown(
      Array.from({ length: 8 }, () => paragraph).join('\n'),
      CARD_LIMITS,
    );
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece.startsWith('word')).toBe(true);
    for (const piece of pieces) expect(piece.trimEnd().endsWith('word')).toBe(true);
  });

  it('closes and reopens a code fence that it cuts', () => {
    const code = [
      '```ts',
      ...Array.from({ length: 300 }, (_, n) => `const line${n} = ${n};`),
      '```',
    ].join('\n');
    const pieces = splitMarkdown(code, CARD_LIMITS);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) {
      expect(piece.startsWith('```ts\n')).toBe(true);
      expect(piece.endsWith('\n```')).toBe(true);
    }
  });

  it('never cuts inside an emoji of several code points', () => {
    const family = '👨‍👩‍👧‍👦';
    const pieces = splitMarkdown(family.repeat(1_500), MESSAGE_LIMITS);
    for (const piece of pieces) expect(piece.replaceAll(family, '')).toBe('');
    expect(pieces.join('')).toBe(family.repeat(1_500));
  });

  it('stays under the card limit for text full of characters that JSON escapes', () => {
    for (const piece of splitMarkdown('"\\\n'.repeat(5_000), CARD_LIMITS))
      expect(bytes(piece)).toBeLessThanOrEqual(9_000);
  });
});
