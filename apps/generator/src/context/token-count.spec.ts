import { encode } from 'gpt-tokenizer';

import { timed } from '@common/testing';

import { tokensOf } from './token-count';

const texts = [
  'The quick brown fox jumps over the lazy dog. ',
  '钉钉机器人收到消息以后，先落库，再确认，然后分派给智能体。',
  '🔔👨‍👩‍👧🇩🇪 ¿qué? ',
  'const next = turns.filter(({ id }) => id !== done);\n',
];

describe('tokensOf', () => {
  it.each(texts)('never counts less than there are: %s', (text) => {
    for (const times of [1, 50, 3_000]) {
      const long = text.repeat(times);
      expect(tokensOf(long)).toBeGreaterThanOrEqual(encode(long).length);
    }
  });

  it('is not wildly more either', () => {
    for (const text of texts.slice(0, 2))
      expect(tokensOf(text.repeat(3_000))).toBeLessThan(encode(text.repeat(3_000)).length * 2.5);
  });

  it('takes special words of a tokenizer for words', () => {
    expect(tokensOf('<|endoftext|>')).toBeGreaterThan(0);
  });

  it.each([
    ['one letter', 'o'.repeat(39_000)],
    ['one word', '字'.repeat(39_000)],
    [
      'noise',
      Buffer.from(Array.from({ length: 9_000 }, (_, n) => (n * n * 7 + n) % 251)).toString(
        'base64',
      ),
    ],
  ])('P10 of words that never end (%s) are there at once, and not too few', async (_what, text) => {
    const { value, tookMs } = await timed(() => Promise.resolve(tokensOf(text)));
    expect(tookMs).toBeLessThan(200);
    expect(value).toBeGreaterThanOrEqual(encode(text.slice(0, 2_000)).length);
  });

  it('is nothing for nothing', () => expect(tokensOf('')).toBe(0));
});
