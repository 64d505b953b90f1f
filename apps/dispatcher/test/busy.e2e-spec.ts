import { migrate } from '@common/persistence';
import { OwnStores, Rows } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';
import { Talker } from './talker.fixture';

let stores: OwnStores;
let rows: Rows;
let dispatcher: SpecDispatcher;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(() => stores.close());
beforeEach(async () => {
  dispatcher = await SpecDispatcher.on(stores);
});
afterEach(() => dispatcher.close());

const somebody = (channelId: string, seat = {}): Talker =>
  new Talker({ stores, rows, dispatcher }, channelId, seat);
const aChannel = async (busy: string, access = {}, scope = 'person'): Promise<string> => {
  const id = await rows.aChannel({ session: { scope, idleMinutes: 60 } });
  await stores.sql('UPDATE channel SET busy = $2, access = $3 WHERE id = $1', [
    ...[id, busy, JSON.stringify(access)],
  ]);
  return id;
};
const messagesIn = async (turnId: string | undefined): Promise<number> =>
  (await stores.sql('SELECT 1 FROM inbound_event WHERE turn_id = $1', [turnId])).length;

describe('queue', () => {
  it('answers one after the other, and politely refuses more than may wait', async () => {
    const person = somebody(await aChannel('queue', { maxQueued: 2 }));
    const heard = [];
    for (const words of ['1', '2', '3', '4', '5']) heard.push(await person.say(words));

    expect((await person.turns()).map(({ words, state }) => `${words} ${state}`)).toEqual([
      ...['1 active', '2 queued', '3 queued'],
    ]);
    expect(heard.slice(3).map(({ cause }) => cause)).toEqual(['queueFull', 'queueFull']);
    // Once a minute and person.
    expect(heard.slice(3).map(({ said }) => said)).toEqual([
      '2 of your questions wait already. Please ask again when they are answered.',
      '',
    ]);
  });
});

it('refuses what waits with a refused message at once, and not what comes behind a command', async () => {
  const person = somebody(await aChannel('queue', { maxQueued: 1 }));
  for (const words of ['1', '2', '3']) await person.say(words);
  const events = [];
  for (const words of ['4', '5', '6', '/stop', '7', '8']) events.push(await person.write(words));

  await dispatcher.run(events[0] ?? '');

  const causes = [];
  for (const event of events) causes.push((await person.heard(event)).cause);
  expect(causes).toEqual([
    ...['queueFull', 'queueFull', 'queueFull', 'command_stop', 'question', 'queueFull'],
  ]);
});

describe('collect', () => {
  it('P2 puts what comes during an answer into one next turn, in order, each message in one', async () => {
    const person = somebody(await aChannel('collect'));
    for (const words of ['1', '2', '3', '4']) await person.say(words);
    await person.answered();
    await person.say('5');

    const turns = await person.turns();
    expect(turns.map(({ words, state }) => `${words} ${state}`)).toEqual([
      ...['1 delivered', '2\n\n3\n\n4 active', '5 queued'],
    ]);
    expect(await Promise.all(turns.map(({ id }) => messagesIn(id)))).toEqual([1, 3, 1]);
  });

  it('merges nobody else’s words, and nothing across sessions', async () => {
    const channelId = await aChannel('collect', {}, 'group');
    const seat = { group: 'cid-a', shared: true };
    const [one, other] = [somebody(channelId, seat), somebody(channelId, seat)];
    await one.say('one: 1');
    await one.say('one: 2');
    await other.say('other: 3');
    await other.say('/new');
    await other.say('other: 4');

    expect((await one.turns()).map(({ words }) => words)).toEqual([
      ...['one: 1', 'one: 2', 'other: 3', 'other: 4'],
    ]);
  });

  it('takes no more messages into a turn than may wait', async () => {
    const person = somebody(await aChannel('collect', { maxQueued: 2 }));
    for (const words of ['1', '2', '3']) await person.say(words);

    expect((await person.say('4')).cause).toBe('queueFull');
    expect((await person.turns()).map(({ words }) => words)).toEqual(['1', '2\n\n3']);
  });

  it('twice: merges a message once', async () => {
    const person = somebody(await aChannel('collect'));
    await person.say('1');
    await person.say('2');
    const { eventId } = await person.say('3');

    await dispatcher.run(eventId);

    expect((await person.turns()).map(({ words }) => words)).toEqual(['1', '2\n\n3']);
  });
});

describe('steer', () => {
  it('stops the running answer and asks what came since when its end is visible', async () => {
    const person = somebody(await aChannel('steer'));
    await person.say('1');
    await person.say('2');
    await person.say('3');

    expect(await person.turns()).toMatchObject([
      { words: '1', state: 'active', stopping: true },
      { words: '2\n\n3', state: 'queued', stopping: false },
    ]);
    expect(dispatcher.announcer.news).toHaveLength(1);
    await person.answered();
    expect((await person.turns())[1]).toMatchObject({ state: 'active' });
  });

  it('stops nobody else’s answer', async () => {
    const channelId = await aChannel('steer', {}, 'group');
    const seat = { group: 'cid-a', shared: true };
    const [one, other] = [somebody(channelId, seat), somebody(channelId, seat)];
    await one.say('1');
    await other.say('2');

    expect((await one.turns())[0]).toMatchObject({ stopping: false });
  });
});
