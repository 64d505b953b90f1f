import { migrate } from '@common/persistence';
import { OwnStores, Rows } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';
import { Talker } from './talker.fixture';

/** A bench: minutes of generated rows, so it runs with LONG=1 only. */
const long = process.env['LONG'] === '1' ? describe : describe.skip;
const SESSIONS = 100_000;
const TURNS_PER_SESSION = 5;
const MEASURED = 300;

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
  }, 60_000);
  afterAll(async () => {
    await dispatcher.close();
    await stores.close();
  }, 120_000);

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
    const values = [`'${rows.tenantId}'`, `'${channelId}'`, SESSIONS, TURNS_PER_SESSION];
    for (const sql of FILL)
      await stores.sql(sql.replace(/\$(\d)/g, (_, n) => String(values[Number(n) - 1])));
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

const uuid = (kind: string, n: string): string => `md5('${kind}' || ${n})::uuid`;

/** $1 tenant, $2 channel, $3 sessions, $4 turns of each. */
const FILL = [
  `INSERT INTO member (id, tenant_id, name) SELECT ${uuid('m', 'n')}, $1::uuid, 'P' || n FROM generate_series(1, $3::int) n`,
  `INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind)
   SELECT ${uuid('c', 'n')}, $1::uuid, $2::uuid, 'cid' || n, 'direct' FROM generate_series(1, $3::int) n`,
  `INSERT INTO thread (id, tenant_id, channel_id, conversation_id, member_id, last_seq)
   SELECT ${uuid('t', 'n')}, $1::uuid, $2::uuid, ${uuid('c', 'n')}, ${uuid('m', 'n')}, $4::int FROM generate_series(1, $3::int) n`,
  `INSERT INTO session (id, tenant_id, thread_id, number)
   SELECT ${uuid('s', 'n')}, $1::uuid, ${uuid('t', 'n')}, 1 FROM generate_series(1, $3::int) n`,
  `INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, seq, state, outcome, answer, locale, ended_at)
   SELECT ${uuid('u', `n || '-' || q`)}, $1::uuid, $2::uuid, ${uuid('t', 'n')}, ${uuid('s', 'n')}, ${uuid('m', 'n')}, q,
          'delivered', 'answered', 'a', 'en', now() FROM generate_series(1, $3::int) n, generate_series(1, $4::int) q`,
  `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text)
   SELECT gen_random_uuid(), $1::uuid, ${uuid('s', 'n')}, ${uuid('u', `n || '-' || q`)}, q, r.role, 'some words of a message'
     FROM generate_series(1, $3::int) n, generate_series(1, $4::int) q, (VALUES ('user'), ('assistant')) r (role)`,
  `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, thread_id, platform_message_id, received_at, raw, state, turn_id)
   SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'message', ${uuid('t', 'n')}, n || '-' || q, now(), '\\x00', 'processed',
          ${uuid('u', `n || '-' || q`)} FROM generate_series(1, $3::int) n, generate_series(1, $4::int) q`,
  `INSERT INTO delivery (id, tenant_id, channel_id, turn_id, state, locale, target, ended_at)
   SELECT gen_random_uuid(), $1::uuid, $2::uuid, ${uuid('u', `n || '-' || q`)}, 'delivered', 'en', '{}', now()
     FROM generate_series(1, $3::int) n, generate_series(1, $4::int) q`,
];
