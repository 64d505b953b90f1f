import { isDataRequest, readCardAction } from './card-action.wire';
import { readEvent } from './event.wire';
import { MalformedMessageError } from './malformed-message.error';

const click = (actionIds: unknown, params: unknown): string =>
  JSON.stringify({ cardPrivateData: { actionIds, params } });

describe('readCardAction', () => {
  it('C93 reads a click whose content is a JSON string', () => {
    const content = click(['stop'], { action: 'stop' });
    expect(
      readCardAction(
        JSON.stringify({
          type: 'actionCallback',
          outTrackId: 'o1',
          corpId: 'ding',
          userId: '0147',
          userIdType: 1,
          spaceId: 'cid==',
          spaceType: 'im',
          extension: '{}',
          content,
        }),
      ),
    ).toEqual({
      outTrackId: 'o1',
      actionId: 'stop',
      action: 'stop',
      params: { action: 'stop' },
      userId: '0147',
      corpId: 'ding',
      spaceId: 'cid==',
      spaceType: 'im',
      actionIds: ['stop'],
      userIdType: '1',
      clickKey: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
  });

  it.each(['stop1', 'stop_2', 'stop-33', 'stop'])('C93 sees through the suffix of %s', (id) => {
    expect(readCardAction({ outTrackId: 'o', content: click([id], {}) }).action).toBe('stop');
  });

  it('C93 takes the value when content is missing, and empty or strange parts', () => {
    expect(readCardAction({ outTrackId: 'o', value: click(['a'], null) }).actionId).toBe('a');
    expect(
      readCardAction({ outTrackId: 'o', content: { cardPrivateData: { actionIds: 'x' } } }),
    ).toMatchObject({
      actionId: null,
      action: null,
      params: {},
      userId: null,
    });
    expect(readCardAction({ outTrackId: 7, content: '{"cut' }).outTrackId).toBe('7');
  });

  it('refuses a click on no card', () => {
    expect(() => readCardAction({ content: click(['stop'], {}) })).toThrow(MalformedMessageError);
    expect(() => readCardAction('')).toThrow(MalformedMessageError);
  });
});

describe('readEvent', () => {
  it('C37 reads the headers of a Stream frame', () => {
    const headers = {
      eventId: 'e1',
      eventType: 'chat_update_title',
      eventCorpId: 'ding',
      eventBornTime: '1690362101984',
    };
    expect(readEvent(headers, '{"title":"a\\u0000b"}')).toMatchObject({
      eventId: 'e1',
      eventType: 'chat_update_title',
      corpId: 'ding',
      bornAtMs: 1690362101984,
      data: { title: 'ab' },
    });
  });

  it('C26 falls back to the data, and survives data that is no JSON', () => {
    expect(readEvent({}, { EventType: 'user_add_org', CorpId: 'c', timeStamp: '5' })).toMatchObject(
      {
        eventId: null,
        eventType: 'user_add_org',
        corpId: 'c',
        bornAtMs: 5,
      },
    );
    expect(readEvent({}, 'oops')).toMatchObject({
      eventId: null,
      eventType: 'unknown',
      corpId: null,
      bornAtMs: null,
      data: null,
    });
  });
});

describe('isDataRequest', () => {
  it.each([
    [{ type: 'dynamicDataCallback', outTrackId: 'card-1' }, true],
    [{ type: 'actionCallback', outTrackId: 'card-1' }, false],
    [{ type: { toString: 1 }, outTrackId: 'card-1' }, false],
    [{ outTrackId: 'card-1', value: { params: { type: 'dynamicDataCallback' } } }, false],
  ])('tells a request for data from a click: %j', (body, isRequest) => {
    expect(isDataRequest(JSON.stringify(body))).toBe(isRequest);
  });
});
