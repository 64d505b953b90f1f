import { asMessage, renderMarkdown } from './render-markdown';

const card = (text: string): string => renderMarkdown(text, 'card');
const message = (text: string): string => renderMarkdown(text, 'message');

describe('renderMarkdown', () => {
  it('leaves words alone, and what DingTalk knows', () => {
    const known = [
      'The answer is forty-two.',
      '# Head\n\nText with **bold**, *it* and [a link](https://x.y).',
      '* one\n  * two\n* three\n\n1. a\n2. b',
      '```ts\nconst a = 1;\nconst b = 2;\n```',
      '***',
      '![shot](https://x.y/z.png) and ![media](@lADP)',
    ];
    for (const text of known) expect([card(text), message(text)]).toEqual([text, text]);
  });

  it.each([
    'ok',
    ' ok ',
    '\n\n  ok\n',
    '2 * 3 * 4, snake_case_name, *x and _y',
    '1 < 2 & 3 > 2 && a<b',
    '<b>hi</b> &amp; \\*not\\*',
    '#hash and 1. and - and $5',
    '    indented\nnext',
    '1. a\n1. b',
    '[a]: http://x.y',
    '~~gone~~ `a',
    '😀 👨‍👩‍👧 𠮷 字',
    '\ufeffa\u2028b\u00a0c\tд',
    'a\n\n\n\nb\n \nc',
    '{"a": [1, "x_y"]}',
  ])('changes nothing of %j', (text) => {
    expect([card(text), message(text)]).toEqual([text, text]);
  });

  it('C97 puts the blank line before a table that DingTalk wants', () => {
    const table = '| a | b |\n|---|---|\n| 1 | 2 |';
    expect(card(`So:\n${table}\n`)).toBe(`So:\n\n${table}\n`);
    expect(message(`So:\n\n${table}\n`)).toBe(`So:\n\n${table}\n`);
  });

  it('C97 has no carriage returns', () => {
    expect(message('a\r\nb\r\n\r\nc')).toBe('a\nb\n\nc');
  });

  it('C97 breaks lines in a card where a reader would, not in code, lists or tables', () => {
    expect(card('one\ntwo  \nthree')).toBe('one<br>\ntwo<br>\nthree');
    expect(message('one\ntwo')).toBe('one\ntwo');
    expect(card('- one\n- two\n')).toBe('- one\n- two\n');
    expect(card('one<br>\ntwo<br/>\nthree')).toBe('one<br>\ntwo<br>\nthree');
    expect(card('`a\nb` c\nd')).toBe('`a\nb` c<br>\nd');
  });

  it('C97 joins the lines of a quote, and leaves nested ones alone', () => {
    expect(card('> one\n> two\n')).toBe('> one<br>\n> two\n');
    expect(card('> one\n>\n> > two\n')).toBe('> one\n>\n> > two\n');
  });

  it('knows five headings in a card', () => {
    expect(card('###### six')).toBe('##### six');
    expect(message('###### six')).toBe('###### six');
  });

  it('shows LaTeX as code, which keeps its backslashes', () => {
    expect(message('So \\(a_1 \\le b_2\\) holds.')).toBe('So `a_1 \\le b_2` holds.');
    expect(card('$$\nx^2\n$$\n')).toBe('```latex\nx^2\n```\n');
    expect(card('\\[ x^2 \\]')).toBe('```latex\nx^2\n```');
    expect(message('it costs $5 or $6')).toBe('it costs $5 or $6');
  });

  it('shows no path of some machine for an image', () => {
    expect(message('see ![the plot](/tmp/out/plot.png)!')).toBe('see the plot!');
    expect(message('see ![the plot](file:///etc/x.png)')).toBe('see the plot');
  });

  it('keeps the words alone where no markup is known', () => {
    expect(renderMarkdown('## Noon, **as** [always](https://x)\n\n- one\n- `two`', 'plain')).toBe(
      'Noon, as always\none\ntwo\n',
    );
  });

  it('takes the breaks of a card out for a message', () => {
    expect(asMessage(card('one\ntwo'))).toBe('one\ntwo');
  });
});
