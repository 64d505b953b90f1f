import type { EventKeys } from '@common/dingtalk';
import { anId, ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import type { ChannelRoster } from '../channels/channel-roster.service';
import type { CallbackChannel } from './callback-channel';
import type { CallbackChannelsRepository, ListedChannel } from './callback-channels.repository';
import { CallbackDirectory } from './callback-directory.service';

const noRoster = standIn<ChannelRoster>({ channels: undefined });
const FOR_EVER = Number.POSITIVE_INFINITY;
const listed = (word: string, untilMs = FOR_EVER): ListedChannel => ({
  channel: standIn<CallbackChannel>({
    id: anId(word),
    scope: 'person',
    eventKeys: [standIn<EventKeys>({})],
  }),
  untilMs,
});

/** The table of channels; what is asked of it is answered when it is let go, with what was there when it was asked. */
class Table {
  rows: ListedChannel[] = [];
  readonly asked: string[] = [];
  isHolding = false;
  private readonly held: (() => void)[] = [];

  expected = (): Promise<ListedChannel[]> => this.answer('all', [...this.rows]);
  one = (id: string): Promise<ListedChannel | null> =>
    this.answer(id, this.rows.find(({ channel }) => channel.id === id) ?? null);

  letGo(): void {
    this.isHolding = false;
    for (const go of this.held.splice(0)) go();
  }

  private async answer<T>(what: string, value: T): Promise<T> {
    this.asked.push(what);
    if (this.isHolding) await new Promise<void>((resolve) => this.held.push(resolve));
    return value;
  }
}

async function aDirectory(...rows: ListedChannel[]) {
  const table = Object.assign(new Table(), { rows });
  const clock = new ManualClock();
  const repository = standIn<CallbackChannelsRepository>({
    expected: table.expected,
    one: table.one,
  });
  const directory = new CallbackDirectory(repository, noRoster, clock, new RecordingLogger());
  directory.start();
  await settled();
  table.asked.length = 0;
  return { directory, table, clock };
}

describe('CallbackDirectory', () => {
  it('costs no query for a channel it knows', async () => {
    const { directory, table } = await aDirectory(listed('a'));

    expect((await directory.find(anId('a')))?.id).toBe(anId('a'));
    expect(table.asked).toEqual([]);
  });

  it('hears of a change while it reads the whole list, and keeps the change', async () => {
    const { directory, table, clock } = await aDirectory(listed('a'));
    table.isHolding = true;
    await clock.pass(15_000);
    expect(table.asked).toEqual(['all']);

    table.rows = [];
    table.isHolding = false;
    const hearing = directory.heard(anId('a'));
    await settled();
    table.letGo();
    await hearing;
    await settled();

    expect(await directory.find(anId('a'))).toBeNull();
  });

  it('asks once for all callbacks of a channel whose secrets have changed by time', async () => {
    const { directory, table, clock } = await aDirectory();
    table.rows = [listed('a', clock.now() + 1_000)];
    await directory.heard(anId('a'));
    clock.jump(1_000);
    table.asked.length = 0;
    table.isHolding = true;

    const finding = Promise.all([1, 2, 3].map(() => directory.find(anId('a'))));
    await settled();
    table.letGo();

    expect(await finding).toHaveLength(3);
    expect(table.asked).toEqual([anId('a')]);
  });

  it('P10 asks a slow database for four unknown ids at a time, and calls the others unknown', async () => {
    const { directory, table } = await aDirectory();
    table.isHolding = true;

    const finding = Array.from({ length: 10 }, (_, n) => directory.find(anId(`nobody ${n}`)));
    expect(await Promise.all(finding.slice(4))).toEqual(Array(6).fill(null));
    table.letGo();

    expect(await Promise.all(finding)).toEqual(Array(10).fill(null));
    expect(table.asked).toHaveLength(4);
  });

  it('calls no channel unknown before it has read the list', async () => {
    const repository = standIn<CallbackChannelsRepository>({
      expected: () => Promise.reject(new Error('away')),
    });
    const directory = new CallbackDirectory(
      repository,
      noRoster,
      new ManualClock(),
      new RecordingLogger(),
    );
    directory.start();

    await expect(directory.find(anId('a'))).rejects.toMatchObject({
      code: 'callback_directory_not_ready',
    });
  });
});

const aListed = (id: string, eventKeys: unknown[] = []): ListedChannel => ({
  channel: { id, eventKeys } as unknown as CallbackChannel,
  untilMs: Number.POSITIVE_INFINITY,
});

async function aSpread({ enabled = 200, withCallbacks = 0 } = {}) {
  const ids = Array.from({ length: enabled }, (_, n) => anId(`channel ${n}`));
  const listed = new Map(ids.map((id, n) => [id, aListed(id, n < withCallbacks ? [{}] : [])]));
  const asked: string[] = [];
  const expected: (readonly string[])[] = [];
  const clock = new ManualClock();
  const rows = standIn<CallbackChannelsRepository>({
    expected: (known) => {
      expected.push(known);
      const wanted = ids.filter((id, n) => n < withCallbacks || known.includes(id));
      return Promise.resolve(wanted.flatMap((id) => listed.get(id) ?? []));
    },
    one: (id) => {
      asked.push(id);
      return Promise.resolve(listed.get(id) ?? null);
    },
  });
  const roster = standIn<ChannelRoster>({ channels: new Map(ids.map((id) => [id, {} as never])) });
  const directory = new CallbackDirectory(rows, roster, clock, new RecordingLogger());
  directory.start();
  await new Promise((resolve) => setImmediate(resolve));
  return { directory, ids, asked, expected, clock };
}

describe('CallbackDirectory, beside the list of all channels', () => {
  it('asks nothing for a channel with callbacks, and once for another that one came for', async () => {
    const { directory, ids, asked } = await aSpread({ withCallbacks: 1 });
    const [a = '', b = ''] = ids;
    for (const id of [a, b, b, a]) expect((await directory.find(id))?.id).toBe(id);
    expect(asked).toEqual([b]);
    await directory.stop();
  });

  it('keeps what callbacks came for through a reconcile, and nothing else', async () => {
    const { directory, ids, expected, clock } = await aSpread();
    const [a = '', b = ''] = ids;
    await directory.find(a);
    await directory.heard(b);
    await clock.pass(15_000);
    expect(expected).toEqual([[], [a]]);
    await directory.stop();
  });

  it('finds every enabled channel, however many ids are garbage at the time (P10)', async () => {
    const { directory, ids, asked } = await aSpread();
    const garbage = Array.from({ length: 400 }, (_, n) => anId(`garbage ${n}`));
    for (const id of garbage) expect(await directory.find(id)).toBeNull();
    expect(asked).toHaveLength(50);
    for (const id of ids) expect((await directory.find(id))?.id).toBe(id);
    await directory.stop();
  });
});
