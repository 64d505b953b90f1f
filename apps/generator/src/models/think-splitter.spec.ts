import { ThinkSplitter } from './think-splitter';

function split(pieces: readonly string[]) {
  const splitter = new ThinkSplitter();
  const parts = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  return {
    text: parts.map((part) => ('text' in part ? part.text : '')).join(''),
    reasoning: parts.map((part) => ('reasoning' in part ? part.reasoning : '')).join(''),
  };
}
const whole = '\n<think>2 < 3, so </yes>\n</think>\n\nIt is 3. <think>not this</think>';

describe('ThinkSplitter', () => {
  it.each([1, 2, 3, 5, 7, 11, 100])('finds the same wherever it is cut (%d)', (size) => {
    const pieces = whole.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(split(pieces)).toEqual({
      reasoning: '2 < 3, so </yes>\n',
      text: 'It is 3. <think>not this</think>',
    });
  });

  it.each([['Hello <think>x</think>'], ['<thin'], ['<b>bold</b>'], ['  indented'], ['']])(
    'leaves %j alone',
    (text) => expect(split([text])).toEqual({ text, reasoning: '' }),
  );

  it('keeps thinking that was never closed from being shown', () => {
    expect(split(['<think>', 'and so on </thi'])).toEqual({
      reasoning: 'and so on </thi',
      text: '',
    });
  });

  it('passes on at once what is no thinking', () => {
    expect(new ThinkSplitter().push('Hi')).toEqual([{ text: 'Hi' }]);
  });
});
