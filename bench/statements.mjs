// What Postgres itself counts of the statements it runs, asked as its superuser.
import pg from 'pg';

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
