// What a year of messages costs an answer: an installation with an empty database beside one with a million messages, in turns.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLoop, poisson, seeded } from './arrivals.mjs';
import { Contest } from './contest.mjs';
import { ms, percentile, rangeOf, sleep } from './numbers.mjs';
import { root } from './stack.mjs';
import { asSuperuser } from './statements.mjs';
import { atMost, noted, say } from './verdict.mjs';

const YEAR = join(root, 'tests', 'fixtures', 'a-year.sql');
/** Of people who came once; with those of the people who ask below it is a million messages. */
const SESSIONS = 90_000;
const TURNS = 5;
const CHANNELS = 10;
/** They have a year behind them as well: so many sessions of so many questions. */
const PEOPLE = 50;
const OLD = { sessions: 100, turns: 10 };
const PER_SECOND = 10;
const MOST = 1.3;
/** In tables that large an answer may look at so many rows: its thread's, its session's, what is open; not everybody's. */
const BIG_ROWS = 10_000;
const MOST_ROWS = 500;

export async function benchGrowth({ scale = 1, rounds = 4, samples = 150 } = {}) {
  const open = () => Contest.open({ channels: CHANNELS, pace: 'off', baseline: false });
  const empty = await open();
  let grown;
  try {
    grown = await open();
    const both = [empty, grown];
    say('everybody asks something');
    for (const contest of both) await ask(contest, PEOPLE * 2, 0);
    await aYear(grown, scale);
    for (const contest of both) await begin(contest);
    const runs = await inTurns(both, rounds, samples);
    // Back ends tell what they have read about once a second.
    await sleep(2_000);
    return report({
      runs,
      statements: await Promise.all(both.map(statementsOf)),
      reads: await rowsRead(grown),
      answers: rounds * samples,
    });
  } finally {
    await grown?.close();
    await empty.close();
  }
}

async function inTurns(both, rounds, samples) {
  const runs = both.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [n, contest] of both.entries()) {
      say(`round ${round + 1} of ${rounds}: ${n === 0 ? 'the empty database' : 'the grown one'}`);
      runs[n].push(await ask(contest, samples, round + 1));
    }
  return runs;
}

/** Milliseconds to the final frame. */
async function ask({ carillon }, count, seed) {
  const arrivals = poisson(PER_SECOND, count, seeded(seed));
  const answers = await openLoop(arrivals, (n, arrivedAt) =>
    carillon.ask(n, { people: PEOPLE, arrivedAt }),
  );
  if (answers.some(({ isLost }) => isLost)) throw new Error('a question got no answer');
  return answers.map(({ finalMs }) => finalMs);
}

/** Fresh sessions, so that both tell the model equally much; caches warm; counters at nothing. */
async function begin(contest) {
  say('new sessions, then both warm up');
  const { platform, clientIds } = contest.carillon;
  for (let n = 0; n < PEOPLE; n += 1)
    await platform.question(clientIds[n % CHANNELS], `staff-${n}`, { text: '/new' });
  await ask(contest, PEOPLE * 3, 99);
  await asSuperuser(contest.stack, async (sql) => {
    await sql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    await sql('SELECT pg_stat_statements_reset()');
    await sql('SELECT pg_stat_reset()');
  });
}

async function aYear({ stack }, scale) {
  const sessions = Math.round(SESSIONS * scale);
  say(`${sessions} sessions, ${sessions * TURNS} questions and their answers are written`);
  const year = readFileSync(YEAR, 'utf8')
    .replaceAll(':tenant', `'${stack.tenantId}'::uuid`)
    .replaceAll(':sessions', String(sessions))
    .replaceAll(':turns', String(TURNS));
  await asSuperuser(stack, async (sql) => {
    // What is written is whole by itself: foreign keys need no look.
    await sql('SET session_replication_role = replica');
    await sql(year);
    for (const statement of THEIR_YEAR)
      await sql(statement.replaceAll('$sessions', OLD.sessions).replaceAll('$turns', OLD.turns));
    // What autovacuum does within minutes, so that it does not do it meanwhile.
    await sql('VACUUM (ANALYZE)');
    await sql('CHECKPOINT');
  });
}

/** Earlier sessions of the people who ask: what they have asked so far moves behind them. */
const SHIFT = 10_000;
const THEIRS = `thread_id IN (SELECT id FROM thread WHERE current_session_id IS NOT NULL)`;
const THEIR_YEAR = [
  `UPDATE message m SET turn_seq = turn_seq + ${SHIFT} FROM turn t WHERE t.id = m.turn_id AND t.${THEIRS}`,
  `UPDATE turn SET seq = seq + ${SHIFT} WHERE ${THEIRS}`,
  `UPDATE session SET number = number + ${SHIFT} WHERE ${THEIRS}`,
  `UPDATE thread SET last_seq = last_seq + ${SHIFT} WHERE current_session_id IS NOT NULL`,
  `INSERT INTO session (id, tenant_id, thread_id, number, started_at, last_activity_at, ended_at)
   SELECT md5(t.id::text || s)::uuid, t.tenant_id, t.id, s, at, at, at FROM thread t, generate_series(1, $sessions) s,
          LATERAL (SELECT now() - interval '1 year' + s * interval '3 days') a (at) WHERE t.current_session_id IS NOT NULL`,
  `INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, seq, state, outcome, answer, locale, created_at, ended_at)
   SELECT md5(s.id::text || q)::uuid, s.tenant_id, t.channel_id, t.id, s.id, t.member_id, s.number * $turns + q, 'delivered', 'answered',
          repeat('words of an answer ', 6), 'en', s.started_at, s.started_at
     FROM session s JOIN thread t ON t.id = s.thread_id, generate_series(1, $turns) q
    WHERE t.current_session_id IS NOT NULL AND s.number <= $sessions`,
  `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text, created_at)
   SELECT gen_random_uuid(), u.tenant_id, u.session_id, u.id, u.seq, r.role, repeat('words of a message ', r.times), u.created_at
     FROM turn u JOIN thread t ON t.id = u.thread_id, (VALUES ('user', 2), ('assistant', 6)) r (role, times)
    WHERE t.current_session_id IS NOT NULL AND u.seq < ${SHIFT}`,
  `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, thread_id, platform_message_id, received_at, raw, state, turn_id, processed_at)
   SELECT gen_random_uuid(), u.tenant_id, u.channel_id, 'message', t.id, u.id::text, u.created_at, decode(repeat('00', 600), 'hex'),
          'processed', u.id, u.created_at
     FROM turn u JOIN thread t ON t.id = u.thread_id WHERE t.current_session_id IS NOT NULL AND u.seq < ${SHIFT}`,
  `INSERT INTO delivery (id, tenant_id, channel_id, turn_id, state, way, card_state, locale, target, created_at, ended_at)
   SELECT gen_random_uuid(), u.tenant_id, u.channel_id, u.id, 'delivered', 'card', 'finished', 'en', '{}', u.created_at, u.created_at
     FROM turn u JOIN thread t ON t.id = u.thread_id WHERE t.current_session_id IS NOT NULL AND u.seq < ${SHIFT}`,
];

const statementsOf = ({ stack }) =>
  asSuperuser(stack, (sql) =>
    sql(
      `SELECT query, sum(calls)::float8 AS calls, sum(total_exec_time)::float8 AS ms
         FROM pg_stat_statements JOIN pg_roles r ON r.oid = userid WHERE toplevel AND r.rolname = 'carillon' GROUP BY query`,
    ),
  );

const rowsRead = ({ stack }) =>
  asSuperuser(stack, (sql) =>
    sql(
      `SELECT s.relname AS name, (s.seq_tup_read + s.idx_tup_fetch)::float8 AS rows, s.seq_scan::int AS scans
         FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE c.reltuples > ${BIG_ROWS} ORDER BY 2 DESC`,
    ),
  );

const SHOWN = 10;
const firstWords = (query) => query.replace(/\s+/gu, ' ').replaceAll('|', '\\|').slice(0, 70);

function statementTable([empty, grown], answers) {
  const before = new Map(empty.map((one) => [one.query, one]));
  console.log('\n| statement | per answer | mean, empty | grown | ratio |\n|---|---|---|---|---|');
  const dearest = grown.toSorted((one, other) => other.ms - one.ms).slice(0, SHOWN);
  for (const { query, calls, ms: spent } of dearest) {
    const was = before.get(query);
    const [a, b] = [was && was.ms / was.calls, spent / calls];
    console.log(
      `| \`${firstWords(query)}\` | ${(calls / answers).toFixed(1)} | ${was ? ms(a) : '–'} | ${ms(b)} | ${was ? (b / a).toFixed(2) : '–'} |`,
    );
  }
}

function report({ runs, statements, reads, answers }) {
  const of = (share) => runs.map((rounds) => rounds.map((answered) => percentile(answered, share)));
  const median = (values) => percentile(values, 0.5);
  // The best round of each: one busy moment of the machine makes a p99.
  const [p50, p99] = [of(0.5).map(median), of(0.99).map((rounds) => Math.min(...rounds))];
  console.log(
    `${answers} answers each at ${PER_SECOND}/s: frame → final frame (p50: median of the rounds, p99: best of them)\n`,
  );
  console.log('| | p50 (range) | p99 (range) |\n|---|---|---|');
  for (const [n, name] of ['empty database', 'a million messages'].entries())
    console.log(
      `| ${name} | ${ms(p50[n])} (${rangeOf(of(0.5)[n], ms)}) | ${ms(p99[n])} (${rangeOf(of(0.99)[n], ms)}) |`,
    );
  statementTable(statements, answers);
  const total = statements.map((all) => all.reduce((sum, one) => sum + one.ms, 0) / answers);
  const scanned = reads.filter(({ scans }) => scans > 0).map(({ name }) => name);
  const rows = reads.reduce((sum, one) => sum + one.rows, 0) / answers;
  console.log(
    `\nall statements of an answer: ${ms(total[0])} and ${ms(total[1])}; rows read per answer in tables of more than ${BIG_ROWS}: ${reads
      .map((one) => `${one.name} ${(one.rows / answers).toFixed(1)}`)
      .join(', ')}; read from end to end: ${scanned.join(', ') || 'none'}`,
  );
  return [
    atMost('a million messages beside none: frame → final, p50', p50[1] / p50[0], MOST),
    atMost('a million messages beside none: frame → final, p99', p99[1] / p99[0], MOST),
    noted('a million messages beside none: time in statements', (total[1] / total[0]).toFixed(2)),
    atMost('big tables read from end to end', scanned.length, 0),
    atMost('rows of big tables read per answer', rows, MOST_ROWS),
  ];
}
