import { newId } from '@common/kernel';
import { migrate } from '@common/persistence';
import { OwnStores, Rows, type ThreadRow } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';

let stores: OwnStores;
let rows: Rows;
let dispatcher: SpecDispatcher;
let thread: ThreadRow;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(() => stores.close());
beforeEach(async () => {
  dispatcher = await SpecDispatcher.on(stores);
  thread = await rows.aThread();
});
afterEach(() => dispatcher.close());

/** A turn that asked its person something, so many minutes ago. */
async function waiting(minutesAgo = 1, name = 'order', args: object = {}) {
  const { turnId, deliveryId } = await rows.aTurn(thread);
  await stores.sql(`UPDATE turn SET state = 'waiting' WHERE id = $1`, [turnId]);
  await stores.sql(
    `INSERT INTO tool_call (id, tenant_id, turn_id, attempt, key, n, name, arguments, is_read_only, state, expires_at)
     VALUES ($1, $2, $3, 1, 'k', 1, $5, $6, false, 'asked', now() + (10 - $4::int) * interval '1 minute')`,
    [newId(), rows.tenantId, turnId, minutesAgo, name, JSON.stringify(args)],
  );
  return { turnId, deliveryId };
}
const clicked = async (...click: Parameters<Rows['aClick']>): Promise<unknown> => {
  const event = await rows.aClick(...click);
  await dispatcher.run(event);
  return (await stores.one('SELECT cause FROM inbound_event WHERE id = $1', [event]))['cause'];
};
const stateOf = (turnId: string) =>
  stores.one(
    'SELECT t.state AS turn, c.state AS call, c.result FROM turn t JOIN tool_call c ON c.turn_id = t.id WHERE t.id = $1',
    [turnId],
  );

describe('confirm', () => {
  it.each([
    [{}, 'card_confirm', 'confirmed'],
    [{ agree: 'false' }, 'card_decline', 'declined'],
  ])('%j lets the turn go on, once', async (params, cause, call) => {
    const { turnId, deliveryId } = await waiting();

    expect(await clicked(thread.channelId, deliveryId, 'confirm', { params })).toBe(cause);
    expect(await clicked(thread.channelId, deliveryId, 'confirm', { params })).toBe(
      'card_nothing_to_confirm',
    );

    expect(await stateOf(turnId)).toMatchObject({ turn: 'active', call });
    expect(dispatcher.generation.jobs).toMatchObject([{ turnId, wake: 1 }]);
  });

  it('late: comes too late after ten minutes', async () => {
    const { turnId, deliveryId } = await waiting(11);
    expect(await clicked(thread.channelId, deliveryId, 'confirm')).toBe('card_nothing_to_confirm');
    expect(await stateOf(turnId)).toMatchObject({ turn: 'waiting', call: 'asked' });
  });

  it('is the asker’s alone: it is done in their name', async () => {
    const { turnId, deliveryId } = await waiting();
    await stores.sql(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', 'dingcorp', 'boss', $2)`,
      [rows.tenantId, thread.memberId],
    );
    await stores.sql(`UPDATE member SET role = 'admin' WHERE id = $1`, [thread.memberId]);

    expect(await clicked(thread.channelId, deliveryId, 'confirm', { userId: 'boss' })).toBe(
      'card_not_theirs',
    );
    expect(await stateOf(turnId)).toMatchObject({ turn: 'waiting', call: 'asked' });
  });
});

const form = () => waiting(1, 'ask_person', { question: 'Where?', choices: ['Beijing', '上海'] });

describe('answer', () => {
  it.each([
    [{ value: '2' }, '上海'],
    [{ value: 1 }, 'Beijing'],
    [{ form: { place: 'Shenzhen' } }, 'Shenzhen'],
  ])('%j is what the agent is told, once', async (params, result) => {
    const { turnId, deliveryId } = await form();

    expect(await clicked(thread.channelId, deliveryId, 'answer', { params })).toBe('card_answer');
    expect(await clicked(thread.channelId, deliveryId, 'answer', { params })).toBe(
      'card_nothing_to_answer',
    );

    expect(await stateOf(turnId)).toEqual({ turn: 'active', call: 'finished', result });
    expect(dispatcher.generation.jobs).toMatchObject([{ turnId, wake: 1 }]);
  });

  it('is the asker’s alone, and says something', async () => {
    const { turnId, deliveryId } = await form();
    const other = { params: { value: '1' }, userId: 'somebody' };
    expect(await clicked(thread.channelId, deliveryId, 'answer', other)).toBe('card_not_theirs');
    expect(await clicked(thread.channelId, deliveryId, 'answer')).toBe('card_nothing_to_answer');
    expect(await stateOf(turnId)).toMatchObject({ turn: 'waiting', call: 'asked' });
  });
});

describe('an answer by message', () => {
  const written = async (text: string): Promise<unknown> => {
    const event = await rows.anEvent(thread.channelId, thread.threadId, { text });
    await dispatcher.run(event);
    return stores.one('SELECT cause, turn_id FROM inbound_event WHERE id = $1', [event]);
  };

  it.each([
    ['yes', 'confirmed'],
    ['确认', 'confirmed'],
    ['2', 'declined'],
    ['取消', 'declined'],
  ])('%j decides about a tool', async (text, call) => {
    const { turnId } = await waiting();
    expect(await written(text)).toEqual({ cause: 'answer_to_agent', turn_id: turnId });
    expect(await stateOf(turnId)).toMatchObject({ turn: 'active', call });
    expect(dispatcher.generation.jobs).toMatchObject([{ turnId, wake: 1 }]);
  });

  it.each([
    ['2', '上海'],
    ['anywhere but there', 'anywhere but there'],
  ])('%j answers a question', async (text, result) => {
    const { turnId } = await form();
    expect(await written(text)).toEqual({ cause: 'answer_to_agent', turn_id: turnId });
    expect(await stateOf(turnId)).toEqual({ turn: 'active', call: 'finished', result });
  });

  it('that is none is a question of its own, which waits behind', async () => {
    const { turnId } = await waiting();
    expect(await written('What does it cost?')).toMatchObject({ cause: 'question' });
    expect(await stateOf(turnId)).toMatchObject({ turn: 'waiting', call: 'asked' });
  });

  it('late: is a question when nothing is asked any more', async () => {
    const { turnId } = await waiting(11);
    expect(await written('yes')).toMatchObject({ cause: 'question' });
    expect(await stateOf(turnId)).toMatchObject({ turn: 'waiting', call: 'asked' });
  });
});
