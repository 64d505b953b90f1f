import { createDataSource, Database, migrate } from '@common/persistence';
import { ManualClock, OwnStores, RecordingLogger } from '@common/testing';

import { Incarnation } from '../src';

let stores: OwnStores;
let database: Database;
beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 2, applicationName: 'spec' }));
});
afterAll(async () => {
  await database.close();
  await stores.close();
});

it('is a row that is seen while the process lives, and gives up its lease when it stops', async () => {
  const incarnation = new Incarnation(
    'spec',
    database,
    new ManualClock(),
    new RecordingLogger(),
    'k1',
  );
  await incarnation.start();
  const seen = () =>
    stores.one<{ alive: boolean; service: string }>(
      `SELECT service, seen_at > now() - interval '6 seconds' AS alive FROM incarnation WHERE id = $1`,
      [incarnation.id],
    );
  expect(await seen()).toEqual({ service: 'spec', alive: true });

  await stores.sql(`UPDATE incarnation SET seen_at = now() - interval '1 minute' WHERE id = $1`, [
    incarnation.id,
  ]);
  await incarnation.holdsFor(7_000, incarnation.term);
  expect(await seen()).toMatchObject({ alive: true });

  await incarnation.stop();
  expect(await seen()).toMatchObject({ alive: false });
});
