import { isOlderSnapshot } from './streaming.route';

describe('isOlderSnapshot', () => {
  it.each([
    ['an older part of the same text', 'The answer is 42', 'The answer', true],
    [
      'the same part with its code fence closed for the moment',
      '```js\nlet a = 1;\nlet b',
      '```js\nlet a\n```',
      true,
    ],
    ['nothing', 'The answer', '', true],
    ['a longer text', 'The', 'The answer', false],
    ['a shorter text of another version', 'The answer is 42', 'No idea', false],
    ['the same text without the closing fence', '```js\na\n```', '```js\na', false],
  ])('takes %s for what it is', (_what, shown, next, isOlder) => {
    expect(isOlderSnapshot(shown, next)).toBe(isOlder);
  });
});
