import { migrate } from '@common/persistence';
import { anId, OwnStores, Rows } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';

let stores: OwnStores;
let rows: Rows;
let dispatcher: SpecDispatcher;
let channelId: string;
let threads = 0;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(() => stores.close());
beforeEach(async () => {
  dispatcher = await SpecDispatcher.on(stores);
  channelId = await rows.aChannel();
});
afterEach(() => dispatcher.close());

const happens = async (eventType: string, data: object): Promise<unknown> => {
  const content = { eventId: null, eventType, corpId: 'dingcorp', bornAtMs: null, data };
  const event = await rows.aLooseEvent(channelId, 'event', content);
  await dispatcher.run(event);
  return (await stores.one('SELECT cause FROM inbound_event WHERE id = $1', [event]))['cause'];
};
const question = async (threadId = anId(`events ${(threads += 1)}`)) => ({
  threadId,
  id: await rows.anEvent(channelId, threadId, { receivedAt: new Date() }),
});
const turnOf = (eventId: string) =>
  stores.one('SELECT t.* FROM turn t JOIN inbound_event e ON e.turn_id = t.id WHERE e.id = $1', [
    eventId,
  ]);

describe('a recalled question', () => {
  const recalled = (processQueryKey: string) => happens('robot_msg_recall', { processQueryKey });

  it('is stopped while it is answered', async () => {
    const { id } = await question();
    await dispatcher.run(id);

    expect(await recalled(id)).toBe('recall');
    expect(await recalled(id)).toBe('recall_after_end');

    const turn = await turnOf(id);
    expect(turn['cancel_requested_at']).toBeInstanceOf(Date);
    expect(dispatcher.announcer.news).toEqual([
      { name: 'turn.cancel', news: { turnId: turn['id'] } },
    ]);
  });

  it('is never asked while it waits behind another, or before it was seen', async () => {
    const { threadId, id: first } = await question();
    const { id: second } = await question(threadId);
    await dispatcher.run(first);
    const { id: third } = await question(threadId);

    expect(await recalled(second)).toBe('recall');
    expect(await recalled(third)).toBe('recall_before_asked');
    await dispatcher.run(third);

    expect(await turnOf(second)).toMatchObject({ state: 'cancelled' });
    expect(
      await stores.one('SELECT state, cause, turn_id FROM inbound_event WHERE id = $1', [third]),
    ).toEqual({ state: 'processed', cause: 'recalled', turn_id: null });
  });

  it('that nobody knows, or that was sent to another bot, changes nothing', async () => {
    const { id } = await question();
    await dispatcher.run(id);
    expect(await recalled('who knows')).toBe('recall_unknown');
    expect(await happens('robot_msg_recall', {})).toBe('recall_unknown');
    channelId = await rows.aChannel();
    expect(await recalled(id)).toBe('recall_unknown');
  });
});

describe('a bot that is added to a group', () => {
  const added = (openConversationId = 'cid-group') =>
    happens('im_cool_app_install', { openConversationId, robotCode: 'robot-1' });

  it('says what it can do, once per group', async () => {
    expect([await added(), await added(), await added('cid-other')]).toEqual([
      'added',
      'added_quietly',
      'added',
    ]);
    const said = await stores.sql('SELECT text, target FROM delivery WHERE channel_id = $1', [
      channelId,
    ]);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatchObject({
      text: expect.stringContaining('/help') as string,
      target: { kind: 'group', robotCode: 'robot-1', staffId: null },
    });
    expect(dispatcher.delivery.jobs).toHaveLength(2);
  });

  it('is quiet where the channel wants it so', async () => {
    await stores.sql(`UPDATE channel SET welcome = '{"onAdded":false}' WHERE id = $1`, [channelId]);
    expect(await added()).toBe('added_quietly');
    expect(dispatcher.delivery.jobs).toEqual([]);
  });

  it('P10 is not upset by an event that names no group', async () => {
    expect(await happens('im_cool_app_install', {})).toBe('added_ignored');
  });
});

it('keeps other events and does nothing about them', async () => {
  expect(await happens('chat_update_title', { title: 'new' })).toBe('event_not_ours');
});
