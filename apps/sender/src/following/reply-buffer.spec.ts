import { ReplyBuffer } from './reply-buffer';

const after = (...deltas: [number, string][]): string => {
  const buffer = new ReplyBuffer();
  buffer.take(deltas.map(([offset, text]) => ({ offset, text })));
  return buffer.text;
};

describe('ReplyBuffer', () => {
  it('joins deltas to the whole text', () => {
    expect(after([0, 'Hel'], [3, 'lo '], [6, '😀'])).toBe('Hello 😀');
  });

  it('takes a delta once, however often it comes', () => {
    expect(after([0, 'Hel'], [0, 'Hel'], [3, 'lo'], [3, 'lo'])).toBe('Hello');
  });

  it('stops at a gap', () => {
    expect(after([0, 'Hel'], [9, 'lost'])).toBe('Hel');
  });

  it('shows below the words what is being done, until there are more of them', () => {
    const buffer = new ReplyBuffer();
    buffer.take([
      { offset: 0, text: 'So:' },
      { offset: 3, text: '', note: 'looking' },
    ]);
    expect(buffer.text).toBe('So:\n\nlooking');
    buffer.take([{ offset: 3, text: ' it is noon.' }]);
    expect(buffer.text).toBe('So: it is noon.');
  });
});
