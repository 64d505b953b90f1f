import type { Tx } from '@common/persistence';
import { standIn } from '@common/testing';

import { aLaneEvent } from './lane-event.fixture';
import { SessionBook } from './session-book.service';

/** Postgres as far as the book asks: the highest number, and what was written. */
function aTx(highest: number) {
  const written: string[] = [];
  const tx = standIn<Tx>({
    query: (statement) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      if (text.includes('max(number)')) return Promise.resolve([{ number: highest }] as never);
      written.push(text.trim().split(/\s+/).slice(0, 3).join(' '));
      return Promise.resolve([]);
    },
  });
  return { tx, written };
}
const book = new SessionBook();
const lastActivityAt = new Date('2025-01-01T09:00:00Z');
const session = { id: 'session-2', number: 2, lastActivityAt };
const after = (ms: number) =>
  aLaneEvent({
    receivedAt: new Date(lastActivityAt.getTime() + ms),
    channel: { idleMinutes: 60 },
    thread: { session },
  });

describe('SessionBook', () => {
  it('stays in the current session while it is not idle', async () => {
    const { tx, written } = aTx(2);

    expect(await book.current(after(3_599_999), tx)).toMatchObject({ id: 'session-2' });
    expect(written).toEqual([]);
  });

  it('late: starts the next session after the idle time, by the stamp of the message', async () => {
    const { tx, written } = aTx(2);

    const { id } = await book.current(after(3_600_000), tx);

    expect(id).not.toBe('session-2');
    expect(written).toEqual(['UPDATE session SET', 'INSERT INTO session', 'UPDATE thread SET']);
  });

  it('starts the first session of a thread and ends none', async () => {
    const { tx, written } = aTx(0);

    await book.current(aLaneEvent({ thread: { session: null } }), tx);

    expect(written).toEqual(['INSERT INTO session', 'UPDATE thread SET']);
  });

  it('twice: derives the same session id from thread and number', async () => {
    const first = await book.startNew(after(0), aTx(2).tx);
    const again = await book.startNew(after(0), aTx(2).tx);
    const next = await book.startNew(after(0), aTx(3).tx);

    expect(again.id).toBe(first.id);
    expect(next.id).not.toBe(first.id);
  });

  it('P6 gives two threads different sessions', async () => {
    const mine = await book.startNew(after(0), aTx(2).tx);
    const other = { ...after(0), threadId: '00000000-0000-4000-8000-000000000fff' };

    expect((await book.startNew(other, aTx(2).tx)).id).not.toBe(mine.id);
  });
});
