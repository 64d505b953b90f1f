import { Metrics } from '@common/bootstrap';
import { Deadlines } from '@common/kernel';
import { DatabaseUnavailableError } from '@common/persistence';
import { aFrame, anId, ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import type { GatewayConfig } from '../gateway.config';
import { entryOf } from './journal-entry';
import type { ChannelEntry, Journaled, JournalRepository } from './journal.repository';
import { JournalWriter } from './journal-writer.service';
import { Journal } from './journal.service';

/** Everybody writes once unless named. */
const row = (msgId: string, senderStaffId = `writer of ${msgId}`): ChannelEntry => ({
  tenantId: anId('tenant'),
  channelId: anId('channel'),
  entry: entryOf(aFrame({ msgId, senderStaffId }), {
    id: anId('channel'),
    clientId: 'ding1',
    scope: 'person',
  }),
});
const messageOf = ({ entry }: ChannelEntry): string => entry.platformMessageId ?? '';

/** Postgres as the journal sees it: statements wait until they are let go; `poison` refuses rows. */
class SlowRows {
  readonly batches: string[][] = [];
  readonly quarantined: string[] = [];
  poison: ReadonlySet<string> = new Set();
  isAway = false;
  private readonly held: (() => void)[] = [];
  isHolding = false;

  insert = async (batch: readonly ChannelEntry[]): Promise<Map<string, Journaled>> => {
    this.batches.push(batch.map(messageOf));
    if (this.isHolding) await new Promise<void>((resolve) => this.held.push(resolve));
    if (this.isAway) throw new DatabaseUnavailableError(new Error('gone'));
    if (batch.some((one) => this.poison.has(messageOf(one))))
      throw Object.assign(new Error('refused'), { code: '22P05' });
    return new Map(
      batch.map(({ entry: { id } }) => [id, { id, isNew: true, isPending: true, wake: 0 }]),
    );
  };

  quarantine = (one: ChannelEntry, cause: string): Promise<void> => {
    this.quarantined.push(`${messageOf(one)}: ${cause}`);
    return this.isAway
      ? Promise.reject(new DatabaseUnavailableError(new Error('gone')))
      : Promise.resolve();
  };

  letGo(): void {
    this.isHolding = false;
    for (const go of this.held.splice(0)) go();
  }
}

function aJournal(maxPending = 1_000) {
  const rows = new SlowRows();
  const logger = new RecordingLogger();
  const repository = standIn<JournalRepository>({
    insert: (batch) => rows.insert(batch),
    quarantine: (one, cause) => rows.quarantine(one, cause),
    noteQuota: () => Promise.reject(new Error('no')),
  });
  const journal = new Journal(
    new JournalWriter(repository, logger),
    repository,
    standIn<GatewayConfig>({ GATEWAY_MAX_PENDING: maxPending }),
    logger,
    new Metrics('spec'),
  );
  return { journal, rows, logger };
}

describe('Journal', () => {
  it('writes a single event at once', async () => {
    const { journal, rows } = aJournal();

    expect(await journal.write(row('a'))).toMatchObject({ isNew: true, isPending: true });
    expect(rows.batches).toEqual([['a']]);
  });

  it('collects what comes while two statements are under way into the next one', async () => {
    const { journal, rows } = aJournal();
    rows.isHolding = true;
    const writes = ['a', 'b', 'c', 'd', 'e'].map((id) => journal.write(row(id)));

    await settled();
    expect(rows.batches).toEqual([['a'], ['b']]);
    rows.letGo();
    await Promise.all(writes);

    expect(rows.batches).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  });

  it('P3 holds a message back while an earlier one of its thread is under way', async () => {
    const { journal, rows } = aJournal();
    rows.isHolding = true;
    const writes = [
      row('1st', 'ada'),
      row('2nd', 'ada'),
      row('3rd', 'ada'),
      row('other', 'bob'),
    ].map((one) => journal.write(one));

    await settled();
    expect(rows.batches).toEqual([['1st'], ['other']]);
    rows.letGo();
    await Promise.all(writes);

    expect(rows.batches.slice(2)).toEqual([['2nd', '3rd']]);
  });

  it('P10 sets a poisonous event aside alone', async () => {
    const { journal, rows, logger } = aJournal();
    rows.isHolding = true;
    rows.poison = new Set(['bad']);
    const writes = ['x', 'y', 'a', 'bad', 'b'].map((id) => journal.write(row(id)));
    await settled();
    rows.letGo();

    const results = await Promise.all(writes);

    expect(results.map((result) => result?.isNew ?? null)).toEqual([true, true, true, null, true]);
    expect(rows.batches.slice(2)).toEqual([['a', 'bad', 'b'], ['a'], ['bad'], ['b']]);
    expect(rows.quarantined).toEqual(['bad: sqlstate 22P05']);
    expect(logger.messages).toEqual(['event quarantined']);
  });

  it('P3 asks for no further row of a poisoned batch when the database goes away meanwhile', async () => {
    const { journal, rows } = aJournal();
    rows.isHolding = true;
    rows.poison = new Set(['bad']);
    const writes = ['x', 'y', 'bad', 'a', 'b'].map((id) => journal.write(row(id)));
    rows.quarantine = (): Promise<void> => {
      rows.isAway = true;
      return Promise.resolve();
    };
    await settled();
    rows.letGo();

    const results = await Promise.allSettled(writes);

    expect(results.map(({ status }) => status[0]).join('')).toBe('fffrr');
    expect(rows.batches.slice(2)).toEqual([['bad', 'a', 'b'], ['bad'], ['a']]);
  });

  it('P10 writes large frames in statements of their own, and holds so many characters, not frames alone', async () => {
    const { journal, rows } = aJournal();
    const large = (msgId: string): ChannelEntry => {
      const one = row(msgId);
      const raw = { length: 4_000_000 } as unknown as string;
      return { ...one, entry: { ...one.entry, raw } };
    };
    rows.isHolding = true;
    const writes = Array.from({ length: 32 }, (_, n) => journal.write(large(`large ${n}`)));
    await settled();

    await expect(journal.write(row('small'))).rejects.toMatchObject({ code: 'journal_full' });
    rows.letGo();
    await Promise.all(writes);

    expect(Math.max(...rows.batches.map(({ length }) => length))).toBe(2);
    expect(await journal.write(row('small'))).not.toBeNull();
  });

  it('late: blames nobody while the database is away', async () => {
    const { journal, rows } = aJournal();
    rows.isAway = true;

    await expect(journal.write(row('a'))).rejects.toThrow(DatabaseUnavailableError);
    expect(rows.batches).toHaveLength(1);
    expect(rows.quarantined).toEqual([]);
  });

  it('does not take an event for quarantined that could not be set aside', async () => {
    const { journal, rows } = aJournal();
    rows.poison = new Set(['bad']);
    rows.quarantine = (): Promise<void> =>
      Promise.reject(new DatabaseUnavailableError(new Error('gone')));
    await expect(journal.write(row('bad'))).rejects.toThrow(DatabaseUnavailableError);
    expect(await journal.write(row('good'))).not.toBeNull();
  });

  it('P10 holds no more than it may, and takes more as soon as there is room', async () => {
    const { journal, rows } = aJournal(2);
    rows.isHolding = true;
    const held = [journal.write(row('a')), journal.write(row('b'))];

    await expect(journal.write(row('c'))).rejects.toMatchObject({ code: 'journal_full' });
    rows.letGo();
    await Promise.all(held);

    expect(await journal.write(row('c'))).not.toBeNull();
  });

  it('P10 lets go of what nobody waits for any more, however long the database hangs', async () => {
    const { journal, rows } = aJournal(4);
    const clock = new ManualClock();
    rows.isHolding = true;
    const [first, second] = [journal.write(row('a')), journal.write(row('b'))];
    for (let round = 0; round < 5; round += 1) {
      const patience = new Deadlines(clock, 800);
      const late = [row('c'), row('d')].map((one) => journal.write(one, patience));
      const refusals = late.map((one) =>
        expect(one).rejects.toMatchObject({ code: 'journal_late' }),
      );
      await clock.pass(800);
      await Promise.all(refusals);
    }

    rows.letGo();
    await Promise.all([first, second]);
    expect(rows.batches).toEqual([['a'], ['b']]);
  });

  it('late: blames nobody when a statement was cancelled', async () => {
    const { journal, rows } = aJournal();
    rows.insert = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('cancelled'), { code: '57014' }));

    await expect(journal.write(row('a'))).rejects.toThrow('cancelled');
    expect(rows.quarantined).toEqual([]);
  });

  it('goes on after the database was away', async () => {
    const { journal, rows } = aJournal(1);
    rows.isAway = true;
    await expect(journal.write(row('a'))).rejects.toThrow();
    rows.isAway = false;

    expect(await journal.write(row('a'))).toMatchObject({ isNew: true });
  });

  it('twice: gives both callers of one event the same row', async () => {
    const { journal } = aJournal();

    const [first, second] = await Promise.all([journal.write(row('a')), journal.write(row('a'))]);

    expect(first?.id).toBe(second?.id);
  });

  it('loses no message over a notice that could not be kept', async () => {
    const { journal, logger } = aJournal();

    await journal.noteQuota(row('a'), 'Q1');

    expect(logger.messages).toEqual(['quota notice not kept']);
  });
});
