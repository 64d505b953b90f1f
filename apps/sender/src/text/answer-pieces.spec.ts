import { cardPieces, messagePieces, withMark } from './answer-pieces';

/** A small generator whose numbers depend on the seed alone, so that a failure can be seen again. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const WORDS = [
  '钟楼',
  '回答',
  'carillon',
  'bell',
  '**bold**',
  '`code`',
  '👨‍👩‍👧‍👦',
  '🇩🇪',
  'e\u0301',
  '"q"',
  '\\',
  '段落很长的一句话，',
  'https://x.y/z',
  '[a](https://b.c)',
];

/** Markdown of all kinds of blocks, about so many characters long. */
function someMarkdown(seed: number, length: number): string {
  const random = randomOf(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const words = (n: number): string =>
    Array.from({ length: 1 + upTo(n) }, () => WORDS[upTo(WORDS.length)]).join(' ');
  const lines = (n: number, line: (i: number) => string): string =>
    Array.from({ length: 1 + upTo(n) }, (_, i) => line(i)).join('\n');
  const blocks: (() => string)[] = [
    () => words(60),
    () => lines(5, () => words(20)),
    () => `${'#'.repeat(1 + upTo(6))} ${words(6)}`,
    () => lines(12, () => `- ${words(8)}`),
    () => lines(12, (i) => `${i + 1}. ${words(8)}\n   - ${words(4)}`),
    () => `\`\`\`ts\n${lines(80, (i) => `const line${i} = ${JSON.stringify(words(5))};`)}\n\`\`\``,
    () =>
      `| a | b |\n| --- | :-: |\n${lines(60, () => `| ${words(4).replaceAll('|', '/')} | x |`)}`,
    () => lines(4, () => `> ${words(10)}`),
    () => '***',
    () => '字'.repeat(upTo(4_000)),
  ];
  let text = '';
  while (text.length < length) text += `${(blocks[upTo(blocks.length)] ?? (() => ''))()}\n\n`;
  return text.slice(0, length).toWellFormed();
}

/** Without the declared markup: numbers, breaks, fences (opened again), rules and heads of tables (repeated), white space. */
function bare(text: string): string {
  return text
    .replace(/<br>/g, '')
    .replace(/^\s*(```+|~~~+).*$/gm, '')
    .replace(/^#+ /gm, '')
    .replace(/^\| a \| b \|$/gm, '')
    .replace(/^\| --- \| :-: \|$/gm, '')
    .replace(/\s+/g, '');
}
const withoutNumber = (piece: string): string => piece.replace(/\n\n\(\d+\/\d+\)$/, '');
const sizeOf = (text: string) => ({
  characters: Array.from(text).length,
  bytes: Buffer.byteLength(JSON.stringify(text)),
});

// Specs have no config class.
// eslint-disable-next-line no-restricted-syntax
const rounds = process.env['LONG'] === '1' ? 300 : 40;
const cases = Array.from({ length: rounds }, (_, n): [number, number] => [
  n,
  n < 5 ? n : Math.floor(randomOf(n)() * 60_000),
]);

describe('random Markdown of 0 to 60,000 characters', () => {
  it.each(cases)(
    'C62 C87 reads the same in its pieces, each within its limits (seed %d, %d)',
    (seed, length) => {
      const text = someMarkdown(seed, length);
      const { card, rest } = cardPieces(text);
      const messages = messagePieces(text);

      expect(sizeOf(card).characters).toBeLessThanOrEqual(2_500);
      expect(sizeOf(card).bytes).toBeLessThanOrEqual(9_000);
      for (const piece of [...rest, ...messages]) {
        expect(sizeOf(piece).characters).toBeLessThanOrEqual(3_800);
        expect(sizeOf(piece).bytes).toBeLessThanOrEqual(14_000);
      }
      expect(bare([card, ...rest].map(withoutNumber).join('\n'))).toBe(bare(text));
      expect(bare(messages.map(withoutNumber).join('\n'))).toBe(bare(text));
      for (const piece of [card, ...rest, ...messages]) expect(piece.isWellFormed()).toBe(true);
    },
  );
});

describe('the mark of what an AI wrote', () => {
  it('stands under the answer, which is as it was', () => {
    expect(withMark('Noon.', 'AI-generated')).toBe('Noon.\n\nAI-generated');
    expect(withMark('Noon.', null)).toBe('Noon.');
  });
});
