import { encode } from 'gpt-tokenizer';

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

  it('is nothing for nothing', () => expect(tokensOf('')).toBe(0));
});
