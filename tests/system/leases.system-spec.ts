import { Client } from 'pg';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { takeoverMs, Talks } from './support/talks';

describe('P4 a sender', () => {
  let installation: Installation;
  let talksOf: Talks;

  beforeAll(async () => {
    installation = await Installation.start();
    talksOf = new Talks(installation, await Bot.join(installation));
  });

  afterAll(() => installation?.stop());

  it('that paused for longer leaves no answer unfinished when it wakes up', async () => {
    const talks = await talksOf.halfAnswered('while sender sleeps');
    const { pid } = installation.service('sender');
    process.kill(pid, 'SIGSTOP');
    await eventually(
      'its deliveries are woken for somebody else',
      async () => {
        const rows = await installation.schema.query<{ wake: number }>(
          `SELECT wake FROM delivery WHERE state = 'open'`,
        );
        return rows.length === talks.length && rows.every(({ wake }) => wake > 0);
      },
      takeoverMs,
    );

    process.kill(pid, 'SIGCONT');
    for (const { held } of talks) held.release();

    await talksOf.expectOneEndEach(talks);
  });

  it('whose heartbeats take seconds gives its deliveries back, for it may not trust its lease', async () => {
    const talks = await talksOf.halfAnswered('while hearts beat slowly');
    const lock = new Client({ connectionString: installation.schema.url });
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE incarnation IN EXCLUSIVE MODE');
    const beatsWaitFor = (seconds: number) =>
      eventually(`every beat waits ${seconds} s`, async () => {
        const [row] = await installation.schema.query<{ count: string }>(
          `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                AND query LIKE 'INSERT INTO incarnation%' AND now() - query_start > $1 * interval '1 second'`,
          [seconds],
        );
        return Number(row?.count) >= installation.services.length;
      });

    // Longer than what a call may take, shorter than a lease: nobody else may take over.
    await beatsWaitFor(2.2);
    for (const { held } of talks) held.release();
    await beatsWaitFor(3);
    await lock.query('COMMIT');
    await lock.end();

    await talksOf.expectOneEndEach(talks);
  });
});
