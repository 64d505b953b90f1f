import type { AnswerFileRow } from './answer-file.repository';
import { withFiles } from './files-in-text';

const aFile = (wish: Partial<AnswerFileRow> = {}): AnswerFileRow => ({
  ...{ id: 'f', n: 1, kind: 'image', name: 'plot.png', objectKey: 'k', mediaId: '@lAD1' },
  ...{ state: 'pending', errorCode: null, tries: 0 },
  ...wish,
});

describe('withFiles', () => {
  it('shows an image where the text names it, else below', () => {
    expect(withFiles('See ![a plot](attachment:1).', [aFile()], 'en')).toBe(
      'See ![a plot](@lAD1).',
    );
    expect(withFiles('See.', [aFile()], 'en')).toBe('See.\n\n![plot.png](@lAD1)');
  });

  it('leaves a file to its own message', () => {
    expect(withFiles('See.', [aFile({ kind: 'file', name: 'a.pdf' })], 'en')).toBe('See.');
  });

  it.each([
    ['file_too_large', 'it is too large'],
    ['file_type_unsupported', 'DingTalk takes no files of this kind'],
    ['dingtalk_unavailable', 'it cannot be had right now'],
  ])('says of %s why it is not there', (errorCode, why) => {
    const file = aFile({ state: 'failed', errorCode, mediaId: null });
    const line = `(the file plot.png could not be sent: ${why})`;
    expect(withFiles('See ![a plot](attachment:1).', [file], 'en')).toBe(`See ${line}.`);
    expect(withFiles('See.', [file], 'en')).toBe(`See.\n\n${line}`);
  });
});
