import type { Tx } from '@common/persistence';
import { standIn } from '@common/testing';

import { aLaneEvent } from '../inbound/lane-event.fixture';
import { SessionBook } from './session-book.service';
import type { SessionRepository } from './session.repository';

const tx = standIn<Tx>({});
const lastActivityAt = new Date('2025-01-01T09:00:00Z');
const session = { id: 'session-2', number: 2, lastActivityAt };

/** A book on a thread with so many sessions, and what was written. */
function aBook(highest = 2) {
  const written: string[] = [];
  const note = (line: string): Promise<void> => Promise.resolve(void written.push(line));
  const known = [1, 2].map((number) => ({
    ...{ id: `session-${number}`, number, title: `Title ${number}`, isCurrent: number === 2 },
  }));
  const book = new SessionBook(
    standIn<SessionRepository>({
      highestNumber: () => Promise.resolve(highest),
      insert: (_tx, _event, { number, title }) => note(`insert ${number} ${title}`),
      makeCurrent: (_tx, _event, id) => note(`current ${id}`),
      newest: () => Promise.resolve(known),
      byNumber: (_tx, _tenantId, _threadId, number) =>
        Promise.resolve(known.find((one) => one.number === number) ?? null),
      rename: (_tx, _tenantId, id, title) => note(`rename ${id} ${title}`),
    }),
  );
  return { book, written };
}
const after = (ms: number) =>
  aLaneEvent({
    receivedAt: new Date(lastActivityAt.getTime() + ms),
    channel: { idleMinutes: 60 },
    thread: { session },
  });

describe('SessionBook', () => {
  it('stays in the current session while it is not idle', async () => {
    const { book, written } = aBook();

    expect(await book.current(after(3_599_999), tx)).toEqual({
      id: 'session-2',
      followsIdleOne: false,
    });
    expect(written).toEqual([]);
  });

  it('late: starts the next session after the idle time, by the stamp of the message, and says so', async () => {
    const { book, written } = aBook();

    const { id, followsIdleOne } = await book.current(after(3_600_000), tx);

    expect(id).not.toBe('session-2');
    expect(followsIdleOne).toBe(true);
    expect(written).toEqual(['insert 3 null', `current ${id}`]);
  });

  it('starts the first session of a thread without a word', async () => {
    const { book } = aBook(0);
    const first = aLaneEvent({ thread: { session: null } });

    expect(await book.current(first, tx)).toMatchObject({ followsIdleOne: false });
  });

  it('twice: derives the same session id from thread and number', async () => {
    const first = await aBook(2).book.startNew(after(0), tx);
    const again = await aBook(2).book.startNew(after(0), tx);
    const next = await aBook(3).book.startNew(after(0), tx);

    expect(again.id).toBe(first.id);
    expect(next.id).not.toBe(first.id);
  });

  it('P6 gives two threads different sessions', async () => {
    const mine = await aBook().book.startNew(after(0), tx);
    const other = { ...after(0), threadId: '00000000-0000-4000-8000-000000000fff' };

    expect((await aBook().book.startNew(other, tx)).id).not.toBe(mine.id);
  });

  it('goes back to a session by its number or its name, and to no other', async () => {
    const { book, written } = aBook();

    await book.switchTo(after(0), '1', tx);
    await book.switchTo(after(0), 'title 1', tx);
    expect(await book.switchTo(after(0), '7', tx)).toBeNull();
    expect(await book.switchTo(after(0), 'nothing', tx)).toBeNull();

    expect(written).toEqual(['current session-1', 'current session-1']);
  });

  it('names the current session, or begins one to name', async () => {
    const { book, written } = aBook();

    await book.rename(after(0), 'Weekly', tx);
    await book.rename(aLaneEvent({ thread: { session: null } }), 'Weekly', tx);

    expect(written.slice(0, 2)).toEqual(['rename session-2 Weekly', 'insert 3 Weekly']);
  });
});
