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

interface Written {
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
        const [, removed, posted] = values as [string, string[], string];
        written.push({ removed, posted: JSON.parse(posted) as Written['posted'] });
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

    expect(written).toEqual([
      { removed: [], posted: [expect.objectContaining({ channel_id: a.id, state: 'connected' })] },
    ]);
  });

  it('removes a row that was posted and not written yet', async () => {
    const { board, written, clock, database } = aBoard();
    database.failures = 1;

    board.post(a, aReport());
    board.remove(a.id);
    await clock.pass(2_000);

    expect(written).toEqual([{ removed: [a.id], posted: [] }]);
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
});
