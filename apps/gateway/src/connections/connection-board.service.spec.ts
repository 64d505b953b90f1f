import { type Incarnation, Metrics } from '@common/bootstrap';
import type { ConnectionReport } from '@common/domain';
import type { Database } from '@common/persistence';
import { anId, ManualClock, RecordingLogger, standIn } from '@common/testing';

import { ConnectionBoard } from './connection-board.service';

const aReport = (overrides: Partial<ConnectionReport> = {}): ConnectionReport => ({
  state: 'connected',
  code: 'connected',
  message: 'The stream is open.',
  userAction: null,
  connectedAtMs: 0,
  lastError: null,
  ...overrides,
});

interface Past {
  readonly id: string;
  readonly channel_id: string;
  readonly code: string;
  readonly at: string;
}
interface Written {
  readonly past: readonly Past[];
  readonly removed: readonly string[];
  readonly posted: { readonly channel_id: string; readonly state: string }[];
}

/** Keeps the values of each statement; `failures` of them fail first. */
function aBoard() {
  const written: Written[] = [];
  const database = { failures: 0 };
  const clock = new ManualClock();
  const metrics = new Metrics('spec');
  const board = new ConnectionBoard(
    standIn<Database>({
      acrossTenantsOnce: (_reason, _statement, values = []) => {
        if (database.failures-- > 0) return Promise.reject(new Error('gone'));
        const [, removed, posted, past] = values as [string, string[], string, string];
        written.push({
          removed,
          posted: JSON.parse(posted) as Written['posted'],
          past: JSON.parse(past) as Past[],
        });
        return Promise.resolve([]);
      },
    }),
    standIn<Incarnation>({ id: anId('gateway') }),
    clock,
    new RecordingLogger(),
    metrics,
  );
  return { board, written, clock, database, metrics };
}
const a = { id: anId('a'), tenantId: anId('tenant') };
const b = { id: anId('b'), tenantId: anId('tenant') };

describe('ConnectionBoard', () => {
  it('P9 writes a change at once, and what changed meanwhile in one statement', async () => {
    const { board, written, clock } = aBoard();

    board.post(a, aReport({ state: 'connecting' }));
    board.post(a, aReport());
    board.post(b, aReport());
    await clock.pass(0);

    expect(written.map(({ posted }) => posted.map((row) => row.state))).toEqual([
      ['connecting'],
      ['connected', 'connected'],
    ]);
  });

  it('late: writes the newest report when the database is back', async () => {
    const { board, written, clock, database } = aBoard();
    database.failures = 3;

    board.post(a, aReport({ state: 'connecting' }));
    await clock.pass(1_000);
    board.post(a, aReport());
    await clock.pass(5_000);

    expect(written).toMatchObject([
      { removed: [], posted: [expect.objectContaining({ channel_id: a.id, state: 'connected' })] },
    ]);
  });

  it('removes a row that was posted and not written yet', async () => {
    const { board, written, clock, database } = aBoard();
    database.failures = 1;

    board.post(a, aReport());
    board.remove(a.id);
    await clock.pass(2_000);

    expect(written).toMatchObject([{ removed: [a.id], posted: [] }]);
  });

  it('counts connections by state', async () => {
    const { board, metrics, clock } = aBoard();
    board.post(a, aReport());
    board.post(b, aReport({ state: 'disconnected' }));
    board.remove(b.id);
    await clock.pass(0);

    const text = await metrics.registry.metrics();

    expect(text).toContain('carillon_gateway_connections{state="connected",service="spec"} 1');
    expect(text).not.toContain('state="disconnected"');
  });

  it('P9 keeps every transition in the order of its time, however many one statement writes', async () => {
    const { board, written, clock } = aBoard();

    board.post(a, aReport({ state: 'connecting', code: 'connecting' }));
    board.post(a, aReport());
    clock.jump(5);
    board.post(a, aReport({ state: 'disconnected', code: 'connection_reset' }));
    board.post(a, aReport({ state: 'disconnected', code: 'connection_reset', message: 'again' }));
    await clock.pass(0);

    const past = written.flatMap((one) => one.past);
    expect(past.map(({ code }) => code)).toEqual(['connecting', 'connected', 'connection_reset']);
    expect(Date.parse(past[2]?.at ?? '') - Date.parse(past[1]?.at ?? '')).toBe(5);
  });

  it('twice: repeats transitions under the same id when a write failed', async () => {
    const { board, written, clock, database } = aBoard();
    database.failures = 1;
    board.post(a, aReport());
    await clock.pass(1_000);

    expect(written).toHaveLength(1);
    expect(written[0]?.past).toHaveLength(1);
  });

  it('P10 remembers a bounded number of transitions while the database is away', async () => {
    const { board, written, clock, database } = aBoard();
    database.failures = 1;
    for (let n = 0; n < 3_000; n += 1) board.post(a, aReport({ code: `code_${n}` }));
    await clock.pass(1_000);

    const past = written.flatMap((one) => one.past);
    expect(past).toHaveLength(2_000);
    expect(past.at(-1)?.code).toBe('code_2999');
  });
});
