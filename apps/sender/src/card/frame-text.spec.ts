import { cardPieces } from '../text/answer-pieces';
import { frameText } from './frame-text';

/** Frames while the answer grows by `step`, each different from the one before. */
function framesOf(answer: string, step: number): string[] {
  const frames: string[] = [];
  for (let length = 1; length <= answer.length; length += step) {
    const frame = frameText(answer.slice(0, length));
    if (frame !== frames.at(-1)) frames.push(frame);
  }
  return frames;
}

const notPrefixes = (answer: string, step: number): string[] => {
  const { card } = cardPieces(answer);
  return framesOf(answer, step).filter((frame) => !card.startsWith(frame));
};

describe('frameText', () => {
  it('C88 grows only, whatever later words make of a line', () => {
    const answer =
      'Title\n1. one\n2. two\n\nSome text\nmore text\n- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd\n===\n> quote\n> more\n\nlast\nok';
    expect(notPrefixes(answer, 1)).toEqual([]);
  });

  it('C88 shows nothing in a card that goes on in messages', () => {
    const paragraphs = Array.from(
      { length: 40 },
      (_, n) => `Paragraph ${n}: ${'some words and more. '.repeat(1 + ((n * 7) % 11))}`,
    );
    expect(notPrefixes(paragraphs.join('\n\n'), 31)).toEqual([]);
    expect(notPrefixes(paragraphs.join('\n'), 31)).toEqual([]);
    expect(notPrefixes('字'.repeat(3_000), 31)).toEqual([]);
  });

  it('C88 shows no word of a single long line that may be the next piece’s', () => {
    expect(notPrefixes('characteristical, '.repeat(150), 11)).toEqual([]);
    expect(notPrefixes('[two words](https://example.com/here) '.repeat(80), 13)).toEqual([]);
  });

  it('leaves an answer that fits into a card to be seen as it comes', () => {
    const frames = framesOf('word '.repeat(400), 5);
    expect(frames.length).toBeGreaterThan(300);
  });
});
