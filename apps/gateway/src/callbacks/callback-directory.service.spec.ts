import { anId, ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import type { CallbackChannel } from './callback-channel';
import type { CallbackChannelsRepository, ListedChannel } from './callback-channels.repository';
import { CallbackDirectory } from './callback-directory.service';

const FOR_EVER = Number.POSITIVE_INFINITY;
const listed = (word: string, untilMs = FOR_EVER): ListedChannel => ({
  channel: standIn<CallbackChannel>({ id: anId(word), scope: 'person' }),
  untilMs,
});

/** The table of channels; what is asked of it is answered when it is let go, with what was there when it was asked. */
class Table {
  rows: ListedChannel[] = [];
  readonly asked: string[] = [];
  isHolding = false;
  private readonly held: (() => void)[] = [];

  all = (): Promise<ListedChannel[]> => this.answer('all', [...this.rows]);
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
  const repository = standIn<CallbackChannelsRepository>({ all: table.all, one: table.one });
  const directory = new CallbackDirectory(repository, clock, new RecordingLogger());
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
      all: () => Promise.reject(new Error('away')),
    });
    const directory = new CallbackDirectory(repository, new ManualClock(), new RecordingLogger());
    directory.start();

    await expect(directory.find(anId('a'))).rejects.toMatchObject({
      code: 'callback_directory_not_ready',
    });
  });
});
