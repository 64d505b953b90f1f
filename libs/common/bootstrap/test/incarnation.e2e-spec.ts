import { randomBytes } from 'node:crypto';

import { SecretBox } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { ManualClock, OwnStores, RecordingLogger } from '@common/testing';

import { Incarnation, SealingKey } from '../src';

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

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [one, two] = [key('k1'), key('k2')];

function aProcess(keys: string) {
  const [clock, logger, box] = [new ManualClock(), new RecordingLogger(), SecretBox.parse(keys)];
  const sealing = new SealingKey(box, database, clock, logger);
  const incarnation = new Incarnation('spec', database, clock, logger, sealing);
  const beat = (ms: number) => {
    clock.jump(ms);
    return incarnation.holdsFor(7_000, incarnation.term);
  };
  return { incarnation, box, beat };
}

it('is a row that is seen while the process lives, and gives up its lease when it stops', async () => {
  const { incarnation } = aProcess(one);
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

it('says which master keys it knows, and seals with the first that all the living know', async () => {
  const [old, fresh] = [aProcess(one), aProcess(`${two},${one}`)];
  await old.incarnation.start();
  await fresh.incarnation.start();
  await fresh.beat(7_000);
  expect([old.box.sealingKeyId, fresh.box.sealingKeyId]).toEqual(['k1', 'k1']);
  expect(old.box.isForOthers(SecretBox.parse(two).seal('x'))).toBe(false);
  await old.beat(2_000);
  expect(old.box.isForOthers(SecretBox.parse(two).seal('x'))).toBe(true);

  await old.incarnation.stop();
  const rows = () =>
    stores.sql<{ sealing_key: string; known_keys: string[] }>(
      'SELECT sealing_key, known_keys FROM incarnation WHERE id = $1',
      [fresh.incarnation.id],
    );
  for (const ms of [2_000, 4_000, 2_000]) await fresh.beat(ms);
  expect(fresh.box.sealingKeyId).toBe('k2');
  expect(await rows()).toMatchObject([{ sealing_key: 'k1' }]);
  await fresh.beat(6_000);
  const known = fresh.box.keyIds.map((id) => `${id}#${fresh.box.fingerprintOf(id)}`);
  expect(await rows()).toEqual([{ sealing_key: 'k2', known_keys: known }]);
  await fresh.incarnation.stop();
});
