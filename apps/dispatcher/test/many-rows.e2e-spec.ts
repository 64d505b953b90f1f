import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { migrate } from '@common/persistence';
import { OwnStores, Rows } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';
import { Talker } from './talker.fixture';

/** A bench: minutes of generated rows, so it runs with LONG=1 only. */
const long = process.env['LONG'] === '1' ? describe : describe.skip;
const SESSIONS = 100_000;
const TURNS_PER_SESSION = 5;
const MEASURED = 300;
const YEAR = join(__dirname, '..', '..', '..', 'tests', 'fixtures', 'a-year.sql');

long('100,000 sessions and 1,000,000 messages', () => {
  let stores: OwnStores;
  let rows: Rows;
  let dispatcher: SpecDispatcher;
  let channelId: string;

  beforeAll(async () => {
    stores = await OwnStores.open(process.env);
    await migrate(stores.databaseUrl);
    rows = new Rows(stores);
    dispatcher = await SpecDispatcher.on(stores);
    channelId = await rows.aChannel();
  });
  afterAll(async () => {
    await dispatcher.close();
    await stores.close();
  });

  const somebody = (): Talker => new Talker({ stores, rows, dispatcher }, channelId);
  /** Milliseconds that 95 % of the dispatches took at most: three questions and a command each. */
  const p95 = async (): Promise<number> => {
    const took: number[] = [];
    for (let n = 0; n < MEASURED / 4; n += 1) {
      const person = somebody();
      for (const words of ['one', 'two', '/status', 'three']) {
        const event = await person.write(words);
        const startedAt = performance.now();
        await dispatcher.run(event);
        took.push(performance.now() - startedAt);
      }
    }
    took.sort((one, other) => one - other);
    return took[Math.floor(took.length * 0.95)] ?? Infinity;
  };
  const least = async (times: number): Promise<number> => {
    let best = Infinity;
    for (let n = 0; n < times; n += 1) best = Math.min(best, await p95());
    return best;
  };
  /** At the end nothing is left for the vacuum to do in the background. */
  const fill = async (): Promise<void> => {
    const year = readFileSync(YEAR, 'utf8')
      .replaceAll(':tenant', `'${rows.tenantId}'::uuid`)
      .replaceAll(':sessions', String(SESSIONS))
      .replaceAll(':turns', String(TURNS_PER_SESSION));
    await stores.sql(year);
    for (const table of ['thread', 'session', 'turn', 'message', 'inbound_event', 'delivery'])
      await stores.sql(`VACUUM (ANALYZE) ${table}`);
  };

  it('dispatch takes at most 1.3 times what it takes in an empty database', async () => {
    await least(2);
    const empty = await least(4);
    await fill();
    await least(2);
    const full = await least(4);

    process.stdout.write(
      `dispatch p95: empty ${empty.toFixed(2)} ms, full ${full.toFixed(2)} ms\n`,
    );
    for (const [name, sql] of Object.entries(PLANS)) {
      const [first] = await stores.sql<{ id: string; thread_id: string; tenant_id: string }>(
        'SELECT id, thread_id, tenant_id FROM turn ORDER BY id LIMIT 1',
      );
      const plan = await stores.sql(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${sql}`, [
        first?.thread_id,
      ]);
      const lines = plan.map((row) => `  ${String(row['QUERY PLAN'])}`).join('\n');
      process.stdout.write(`${name}\n${lines}\n`);
      expect(lines).not.toMatch(/Seq Scan on (turn|message|inbound_event|session|thread)/);
    }
    expect(full).toBeLessThan(1.3 * empty);
  }, 900_000);
});

/** The questions that dispatching asks of the large tables; $1 is a thread. */
const PLANS: Readonly<Record<string, string>> = {
  'the first pending message of a thread': `SELECT id FROM inbound_event WHERE thread_id = $1 AND state = 'pending' ORDER BY received_at, id LIMIT 1`,
  'turns that wait in a thread': `SELECT count(*) FROM turn WHERE thread_id = $1 AND state = 'queued'`,
  'turns of a thread that are open': `SELECT id FROM turn WHERE thread_id = $1 AND state IN ('active', 'waiting', 'generated')`,
  'the highest session number': `SELECT max(number) FROM session WHERE thread_id = $1`,
  'the newest sessions of a thread': `SELECT s.id, (SELECT left(m.text, 30) FROM message m WHERE m.session_id = s.id AND m.role = 'user' ORDER BY m.turn_seq LIMIT 1)
    FROM session s WHERE s.thread_id = $1 ORDER BY s.last_activity_at DESC LIMIT 10`,
  'the last question of a person': `SELECT id FROM turn WHERE thread_id = $1 ORDER BY seq DESC LIMIT 1`,
};
