import { aCardActionFrame, aFrame, anEventFrame, anId } from '@common/testing';

import { entryOf } from './journal-entry';

const channel = (overrides: object = {}) => ({
  id: anId('channel'),
  clientId: 'ding1',
  scope: 'person' as const,
  ...overrides,
});
const idOf = (frame: Parameters<typeof entryOf>[0], clientId = 'ding1'): string =>
  entryOf(frame, channel({ clientId })).id;
const threadOf = (data: object, scope: 'person' | 'group' = 'person'): string | null =>
  entryOf(aFrame(data), channel({ scope })).threadId;

describe('the id of a message', () => {
  it('P2 is the same in every redelivery, whatever the push is called', () => {
    expect(idOf(aFrame({}, { messageId: 'push-2' }))).toBe(idOf(aFrame()));
  });

  it('P6 differs between two bots that read the same message', () => {
    expect(idOf(aFrame(), 'ding2')).not.toBe(idOf(aFrame()));
  });

  it('differs between two messages', () => {
    expect(idOf(aFrame({ msgId: 'msg-2' }))).not.toBe(idOf(aFrame()));
  });
});

describe('the id of an event', () => {
  it('comes from the event id, not from the push', () => {
    const again = { ...anEventFrame(), messageId: 'push-2' };
    expect(idOf(again)).toBe(idOf(anEventFrame()));
    expect(idOf(anEventFrame({ eventId: 'event-2' }))).not.toBe(idOf(anEventFrame()));
  });

  it('comes from what it says when the platform gave no event id', () => {
    const nameless = (data: object) => anEventFrame({ eventId: '' }, data);
    expect(idOf(nameless({ userId: ['a'] }))).toBe(idOf(nameless({ userId: ['a'] })));
    expect(idOf(nameless({ userId: ['a'] }))).not.toBe(idOf(nameless({ userId: ['b'] })));
  });
});

describe('the id of a click', () => {
  it('comes from the push', () => {
    expect(idOf(aCardActionFrame())).toBe(idOf(aCardActionFrame()));
    expect(idOf(aCardActionFrame({ messageId: 'push-2' }))).not.toBe(idOf(aCardActionFrame()));
  });

  it('comes from the data when the push has no name', () => {
    const nameless = aCardActionFrame({ messageId: '' });
    expect(idOf(nameless)).toBe(idOf(nameless));
    expect(idOf(nameless)).not.toBe(idOf(aCardActionFrame()));
  });
});

describe('the thread of a message', () => {
  it('P6 is one person in one conversation', () => {
    const mine = threadOf({});
    expect(threadOf({ msgId: 'msg-2' })).toBe(mine);
    expect(threadOf({ senderStaffId: 'staff-2' })).not.toBe(mine);
    expect(threadOf({ conversationId: 'cid-2' })).not.toBe(mine);
  });

  it('is the whole conversation where the channel shares its context', () => {
    expect(threadOf({ senderStaffId: 'staff-2' }, 'group')).toBe(threadOf({}, 'group'));
  });

  it('C52 tells people without a staff id apart', () => {
    const outsider = (senderId: string) => threadOf({ senderStaffId: undefined, senderId });
    expect(outsider('opaque-1')).not.toBe(outsider('opaque-2'));
  });
});

describe('what is kept', () => {
  it('P8 keeps the reply link out of the readable content', () => {
    const { content, replyWebhook } = entryOf(aFrame(), channel());
    expect(JSON.stringify(content)).not.toContain('s3cret');
    expect(replyWebhook?.url).toContain('s3cret');
  });

  it('gives a notice about the allowance no thread: nobody answers it', () => {
    const notice = aFrame({ text: undefined, msgtype: undefined, errorCode: 'Q1' });
    expect(entryOf(notice, channel())).toMatchObject({
      threadId: null,
      isWork: false,
      quotaNotice: { code: 'Q1' },
    });
  });

  it('refuses topics that nobody subscribed to', () => {
    expect(() => entryOf(aFrame({}, { topic: '/v1.0/other' }), channel())).toThrow(/other/);
  });
});
