import { type Database, DatabaseUnavailableError, SCHEMA_VERSION } from '@common/persistence';
import { ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import { awaitSchema } from './await-schema';
import { Readiness } from './readiness';

const undefinedTable = Object.assign(new Error('no table'), { code: '42P01' });
const state = (version: number, compatible_from = 1) => [{ version, compatible_from }];

function aWait() {
  const postgres: { answer: () => Promise<unknown[]> } = {
    answer: () => Promise.reject(new DatabaseUnavailableError(new Error('gone'))),
  };
  const database = standIn<Database>({ platformOnce: () => postgres.answer() as never });
  const [readiness, logger, clock] = [new Readiness(), new RecordingLogger(), new ManualClock()];
  const stopping = new AbortController();
  let isOver = false;
  const over = awaitSchema(database, { readiness, logger, clock }, stopping.signal).then(
    () => (isOver = true),
  );
  return { postgres, readiness, logger, clock, stopping, over, isOver: () => isOver };
}

it('says what it waits for, each obstacle once, until the schema is usable', async () => {
  const { postgres, readiness, logger, clock, over, isOver } = aWait();
  const meet = async (answer: () => Promise<unknown[]>): Promise<string | null> => {
    postgres.answer = answer;
    await clock.pass(2_000);
    return readiness.obstacle;
  };
  await settled();
  expect(readiness.obstacle).toBe('database_unavailable');
  expect(await meet(() => Promise.reject(undefinedTable))).toBe('schema_not_migrated');
  expect(await meet(() => Promise.resolve(state(0)))).toBe('schema_too_old');
  expect(await meet(() => Promise.resolve(state(SCHEMA_VERSION + 1, SCHEMA_VERSION + 1)))).toBe(
    'schema_incompatible',
  );
  expect(isOver()).toBe(false);

  await meet(() => Promise.resolve(state(SCHEMA_VERSION)));
  await over;

  expect(logger.lines.map(({ fields }) => fields['code'])).toEqual([
    'database_unavailable',
    'schema_not_migrated',
    'schema_too_old',
    'schema_incompatible',
  ]);
  expect(clock.sleepers.size).toBe(0);
});

it('waits no longer once the service is to stop', async () => {
  const { stopping, over, clock } = aWait();
  await clock.pass(600);
  stopping.abort();
  await over;
  expect(clock.sleepers.size).toBe(0);
});
