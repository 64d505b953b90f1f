import { takeDataImages } from './data-images';

const data = (text: string): string => Buffer.from(text).toString('base64');
const image = (alt: string, text: string): string =>
  `![${alt}](data:image/png;base64,${data(text)})`;

describe('takeDataImages', () => {
  it('takes images out of the text and says where each belongs', () => {
    const { text, files } = takeDataImages(
      `See ${image('a', 'one')} and\n\n${image('b', 'two')}.`,
      2,
    );
    expect(text).toBe('See ![a](attachment:2) and\n\n![b](attachment:3).');
    expect(files).toEqual([
      { name: 'a', mediaType: 'image/png', from: { base64: data('one') } },
      { name: 'b', mediaType: 'image/png', from: { base64: data('two') } },
    ]);
  });

  it.each([
    'no image',
    '![public](https://example.com/a.png)',
    '[a link](data:text/html;base64,PHA+)',
    '![cut](data:image/png;base64,',
  ])('leaves %j alone', (text) => {
    expect(takeDataImages(text, 1)).toEqual({ text, files: [] });
  });

  it('leaves words for those that are too many', () => {
    const { text, files } = takeDataImages(image('last', 'x') + image('more', 'y'), 10);
    expect(text).toBe('![last](attachment:10)more');
    expect(files).toHaveLength(1);
  });

  it('is quick with a text that only looks like one', () => {
    const text = `![](data:image/png;base64,${'A'.repeat(2_000_000)}`;
    expect(takeDataImages(text, 1).files).toEqual([]);
  });
});
