// What Postgres itself counts of the statements it runs, asked as its superuser.
import pg from 'pg';

const isWholeList = Boolean(process.env.BENCH_STATEMENTS);

/** What the server has to be started with. `BENCH_STATEMENTS=1` measures those inside functions too, which costs time of its own. */
export const statementSettings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': 5000,
  ...(isWholeList
    ? { 'pg_stat_statements.track': 'all', 'pg_stat_statements.track_planning': 'on' }
    : {}),
};

/** @param work gets a function that runs one statement and returns its rows */
export async function asSuperuser({ postgres }, work) {
  const url = new URL(postgres.superuserUrl);
  url.pathname = '/carillon';
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    return await work(async (sql, values) => (await client.query(sql, values)).rows);
  } finally {
    await client.end();
  }
}

/** Statements that were run; those inside functions are not counted. */
export const statementCount = (stack) =>
  asSuperuser(stack, async (sql) => {
    await sql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const [{ n }] = await sql(
      'SELECT sum(calls)::float8 AS n FROM pg_stat_statements WHERE toplevel',
    );
    return n;
  });

/** With `BENCH_STATEMENTS=1`: begins to list them. @returns prints the list, with the cost of so many answers each */
export async function beginList(stack) {
  if (!isWholeList) return () => undefined;
  const before = await asSuperuser(stack, async (sql) => {
    await sql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    await sql('SELECT pg_stat_statements_reset()');
    return writes(sql);
  });
  return (answers) =>
    asSuperuser(stack, async (sql) => {
      const per = (value, digits = 3) => (value / answers).toFixed(digits).padStart(7);
      console.log('per answer: calls  exec ms plan ms  WAL kB  (inside functions: »)');
      for (const row of await sql(LIST))
        console.log(
          `          ${per(row.calls, 2)} ${per(row.exec)} ${per(row.plan)} ${per(row.wal / 1024, 2)}  ${row.toplevel ? '' : '» '}${row.query}`,
        );
      const now = await writes(sql);
      const since = (key, digits) => per(now[key] - before[key], digits).trim();
      console.log(
        `commits ${since('commits', 2)}, WAL ${since('kilobytes', 1)} kB, syncs of it ${since('syncs', 2)}\n`,
      );
    });
}

const writes = async (sql) => (await sql(WRITES))[0];

const WRITES = `
SELECT (SELECT wal_bytes::float8 / 1024 FROM pg_stat_wal) AS kilobytes,
       (SELECT sum(fsyncs)::float8 FROM pg_stat_io WHERE object = 'wal') AS syncs,
       (SELECT xact_commit::float8 FROM pg_stat_database WHERE datname = current_database()) AS commits`;

const LIST = `
SELECT toplevel, calls::float8, total_exec_time AS exec, total_plan_time AS plan, wal_bytes::float8 AS wal,
       left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS query
  FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT 50`;
