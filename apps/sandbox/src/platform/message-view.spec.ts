import { Directory } from '../world/directory';
import { seedDirectory } from '../world/seed';
import { mentionsOf, viewOfTemplate, viewOfWebhook } from './message-view';

describe('what people see', () => {
  it.each([
    [{ msgtype: 'text', text: { content: 'hi' } }, 'hi'],
    [{ msgtype: 'markdown', markdown: { title: 't', text: '**hi**' } }, '**hi**'],
    [
      { msgtype: 'link', link: { title: 't', text: 'hi', messageUrl: 'http://a' } },
      '[t](http://a)\n\nhi',
    ],
    [
      { msgtype: 'feedCard', feedCard: { links: [{ title: 't', messageURL: 'http://a' }] } },
      '- [t](http://a)',
    ],
    [
      {
        msgtype: 'actionCard',
        actionCard: {
          text: 'hi',
          btns: [
            { title: 'a', actionURL: 'http://a' },
            { title: 'b', actionURL: 'http://b' },
          ],
        },
      },
      'hi\n\n[a](http://a) · [b](http://b)',
    ],
  ])('reads a webhook body %#', (body, text) => {
    expect(viewOfWebhook(body)?.text).toBe(text);
  });

  it('reads no webhook body of another kind', () => {
    expect(viewOfWebhook({ msgtype: 'image', image: {} })).toBeUndefined();
    expect(viewOfWebhook({ msgtype: 'text' })).toBeUndefined();
  });

  it('misses a template message that lacks a key', () => {
    expect(viewOfTemplate('sampleMarkdown', { text: 'x' })).toBeUndefined();
    expect(viewOfTemplate('sampleMarkdown', { title: 't', text: 'x' })?.text).toBe('x');
  });

  it('mentions only who is named in the text too', () => {
    const directory = new Directory();
    seedDirectory(directory);

    expect(mentionsOf(directory, { atUserIds: ['0101', '0102'] }, 'hi @0102')).toEqual([
      { id: '0102', name: '李雷' },
    ]);
  });
});
