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

  it('makes no piece of a fence alone when a line of code is longer than a piece', () => {
    const code = 'const a = 1; '.repeat(500);
    const [first, ...pieces] = splitMarkdown(`Look:\n\`\`\`ts\n${code}\n\`\`\``, CARD_LIMITS);
    expect(first).toBe('Look:');
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) {
      expect(piece).toContain('a = 1;');
      expect(bytes(piece)).toBeLessThanOrEqual(9_000);
      expect(piece.length).toBeLessThanOrEqual(2_400);
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

  describe('one line that is longer than a piece', () => {
    const link = '[the whole report](https://example.com/reports/2026/11/26?page=1)';
    const splitLine = (unit: string, length = 10_000): string[] => {
      const line = unit.repeat(length / unit.length);
      const pieces = splitMarkdown(line, CARD_LIMITS);
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
      for (const piece of pieces) expect(bytes(piece)).toBeLessThanOrEqual(9_000);
      return pieces;
    };

    it('is cut between words', () => {
      for (const piece of splitLine('reading ')) expect(piece).toMatch(/^(?:reading ?)+$/);
      for (const piece of splitLine('word，汉字读者。'))
        expect(piece).toMatch(/^(?:word|汉|字|读|者).*[，。汉字读者]$/);
    });

    it('is not cut in a link, an address or code, nor before a closing mark', () => {
      for (const [unit, ends] of [
        [`${link} `, /\) ?$/],
        ['看https://example.com/a/b?c=d，', /[看，]$/],
        ['`npm run build` ', /` ?$/],
        ['“你好”。', /[你。]$/],
      ] as const)
        for (const piece of splitLine(unit)) expect(piece).toMatch(ends);
    });

    it('is cut anywhere but in an emoji when it has no place for it', () => {
      expect(splitLine('x', 2_500).map((piece) => piece.length)).toEqual([2_340, 160]);
      for (const piece of splitLine('👩‍🚀')) expect(piece.replaceAll('👩‍🚀', '')).toBe('');
    });
  });
});
