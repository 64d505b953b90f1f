import type { PlatformEvent } from '@common/domain';

import { readCardAction } from './card-action.wire';
import { eventKey, readEvent } from './event.wire';
import { payload } from './payload.fixture';

const overStream = (name: string): PlatformEvent => {
  const { headers, data } = JSON.parse(payload(`event-stream-${name}`)) as {
    headers: Record<string, string>;
    data: string;
  };
  return readEvent(headers, data);
};
const overHttp = (name: string): PlatformEvent => readEvent({}, payload(`event-http-${name}`));

const OPERATOR = { staffId: 'user456', unionId: 'ZPbvHDqD' };
const GROUP = { conversationId: 'cidmfW', chatId: 'chat676' };
const INSTALL = {
  conversationId: 'cidT461wC7yvGJ',
  robotCode: 'rBLBXuiaA2rn3',
  coolAppCode: 'COOLAPP-1-1018xxxx',
  operator: { staffId: '0213454xxxx1745', unionId: null },
};

describe('D.8 an event is the same over Stream and over HTTP', () => {
  it.each([
    ['bot-added', { kind: 'bot_added', ...INSTALL }],
    ['bot-removed', { kind: 'bot_removed', ...INSTALL }],
    ['bot-added-alone', { kind: 'bot_added', ...INSTALL }],
    [
      'group-renamed',
      {
        kind: 'group_renamed',
        conversationId: 'cidmfW/+=',
        chatId: 'chat676e50a07',
        title: '开放平台',
        operator: OPERATOR,
      },
    ],
    [
      'group-owner',
      {
        kind: 'group_owner_changed',
        conversationId: 'cidmfW',
        chatId: null,
        ownerStaffId: 'user789',
        operator: { staffId: null, unionId: 'ZPbvHDqD' },
      },
    ],
    [
      'group-members',
      { kind: 'group_members_added', ...GROUP, staffIds: ['u1', 'u2'], unionIds: ['n1', 'n2'] },
    ],
    ['group-quit', { kind: 'group_member_left', ...GROUP, staffIds: ['user456'] }],
    ['group-disbanded', { kind: 'group_disbanded', ...GROUP }],
    [
      'recall',
      {
        kind: 'message_recalled',
        conversationId: 'cidmfW',
        processQueryKey: 'pqk-1',
        robotCode: 'dingoxxxx',
        staffIds: ['user1'],
        unionIds: ['union1'],
      },
    ],
    ['people-joined', { kind: 'people_joined', staffIds: ['015xxxx227'] }],
    ['departments', { kind: 'departments_changed', departmentIds: ['42'] }],
    ['unknown-type', { kind: 'other' }],
  ])('%s', (name, facts) => {
    const [stream, http] = [overStream(name), overHttp(name)];
    for (const event of [stream, http])
      expect(event).toMatchObject({
        eventId: 'c7c7120f',
        corpId: 'ding9f50',
        bornAtMs: 1683533823336,
        facts,
      });
    expect(stream.eventType).toBe(http.eventType);
    expect(stream.data).toEqual(http.data);
    expect(eventKey(stream)).toBe(eventKey(http));
  });

  it.each([['people-joined'], ['group-renamed'], ['bot-added'], ['recall']])(
    'has one key without an event id, too: %s',
    (name) => {
      const unnamed = (event: PlatformEvent) => eventKey({ ...event, eventId: null });
      expect(unnamed(overStream(name))).toBe(unnamed(overHttp(name)));
      expect(unnamed(overStream(name))).not.toBe(
        unnamed({ ...overHttp(name), corpId: 'dingother' }),
      );
    },
  );

  it('keeps events apart that carry nothing but the time of the envelope', () => {
    const at = (eventBornTime: string) =>
      eventKey(readEvent({ eventType: 'org_change', eventBornTime }, '{}'));
    expect(at('1683533823336')).toBe(at('1683533823336'));
    expect(at('1683533823336')).not.toBe(at('1683533823337'));
  });
});

describe('E49 E50 the older forms', () => {
  it('nested under data, as the documentation draws it', () => {
    expect(overHttp('people-joined-nested')).toEqual(overStream('people-joined'));
  });

  it('in PascalCase, without an event id', () => {
    expect(overHttp('people-joined-pascal')).toMatchObject({
      eventId: null,
      eventType: 'user_add_org',
      corpId: 'ding9f50',
      bornAtMs: 1608017258073,
      data: { timeStamp: '1608017258073', userId: ['015xxxx227'], optStaffId: 'boss01' },
      facts: {
        kind: 'people_joined',
        staffIds: ['015xxxx227'],
        operator: { staffId: 'boss01', unionId: null },
      },
    });
  });

  it('with single values in place of lists', () => {
    expect(overHttp('people-left-isv')).toMatchObject({
      facts: { kind: 'people_left', staffIds: ['015xxxx227'], unionIds: ['uLeft'] },
    });
  });

  it('E102 with both CorpId and corpId: the capital one counts', () => {
    const both = { EventType: 'chat_disband', corpId: 'dinglower', CorpId: 'dingCapital' };
    expect(readEvent({}, both).corpId).toBe('dingCapital');
  });

  it.each([[{ userId: {} }], [{ userId: [[], null, 7] }], [{ title: [] }], [{ deptId: 'x' }]])(
    'survives %j',
    (data) => {
      expect(() => readEvent({ eventType: 'user_add_org' }, data)).not.toThrow();
    },
  );

  it('is not misled by names every object has', () => {
    expect(readEvent({ eventType: 'constructor' }, '{}').facts?.kind).toBe('other');
    expect(readEvent({ eventType: '__proto__' }, '{"__proto__":{"x":1}}').facts?.kind).toBe(
      'other',
    );
  });
});

describe('F.4 a click', () => {
  const click = (fields: object = {}) =>
    readCardAction({ ...(JSON.parse(payload('card-action')) as object), ...fields });

  it('is kept whole', () => {
    expect(click()).toMatchObject({
      outTrackId: 'alert-9f2c-1',
      actionId: 'ack',
      actionIds: ['ack'],
      action: 'ack',
      params: { action: 'ack', incident: '9f2c' },
      userId: 'user1',
      userIdType: '1',
      spaceType: 'IM',
    });
  });

  it('has one key however it is delivered, and another for another button, person or card', () => {
    const content = (action: string) =>
      JSON.stringify({
        cardPrivateData: { params: { incident: '9f2c', action }, actionIds: ['ack'] },
      });
    expect(click({ content: content('ack'), extension: null }).clickKey).toBe(click().clickKey);
    for (const other of [{ userId: 'u2' }, { outTrackId: 'o2' }, { content: content('mute') }])
      expect(click(other).clickKey).not.toBe(click().clickKey);
  });
});
