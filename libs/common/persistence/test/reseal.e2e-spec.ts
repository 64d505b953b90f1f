import { randomBytes } from 'node:crypto';

import { SecretBox } from '@common/kernel';
import { OwnStores, Rows } from '@common/testing';

import {
  checkMasterKeys,
  createDataSource,
  Database,
  migrate,
  MissingMasterKeyError,
  noteMasterKey,
  Resealer,
  SEALED_COLUMNS,
} from '../src';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [one, two] = [key('k1'), key('k2')];
const [first, both, second] = [one, `${two},${one}`, two].map((spec) => SecretBox.parse(spec)) as [
  ...[SecretBox, SecretBox, SecretBox],
];
const never = new AbortController().signal;

/** Bytes that are no sealed values: hashes, digests, what the chain of the audit log is made of. */
const UNSEALED =
  /^(api_key\.hash|audit_log\.(hash|content_digest)|audit_head\.(hash|anchor)|admin_session\.hash|login_failure\.key)$/;

describe('master keys', () => {
  let stores: OwnStores;
  let database: Database;
  let rows: Rows;

  beforeEach(async () => {
    stores = await OwnStores.open(process.env);
    await migrate(stores.databaseUrl);
    const source = createDataSource({
      ...{ url: stores.databaseUrl, poolSize: 2, applicationName: stores.prefix },
    });
    database = new Database(source);
    rows = new Rows(stores);
    await begin(first);
  });
  afterEach(async () => {
    await database.close();
    await stores.close();
  });

  /** As a process with these keys that is alone, or whose like all others are. */
  const begin = async (box: SecretBox): Promise<void> => {
    await checkMasterKeys(database, box);
    await noteMasterKey(database, box, box.primaryKeyId);
  };
  const sealedBy = async (): Promise<unknown[]> =>
    stores.sql('SELECT DISTINCT sealed_key(client_secret) AS key FROM channel ORDER BY 1');
  const aChannel = (box: SecretBox) => rows.aChannel({ clientSecret: box.seal('a secret') });
  const needed = async () =>
    (await stores.sql('SELECT id FROM master_key WHERE retired_at IS NULL ORDER BY id')).map(
      ({ id }) => id as string,
    );

  it('are known to seal every column of bytes that is no hash', async () => {
    const known = SEALED_COLUMNS.flatMap(({ table, columns }) =>
      columns.map((one) => `${table}.${one}`),
    );
    const found = await stores.sql<{ name: string; type: string }>(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
        WHERE table_schema = $1 AND data_type = 'bytea'`,
      [stores.prefix],
    );

    expect(found.length).toBeGreaterThan(10);
    expect(
      found.map(({ name }) => name).filter((name) => !UNSEALED.test(name) && !known.includes(name)),
    ).toEqual([]);
  });

  it('change: everything is sealed anew with the first, and the old one is needed no more', async () => {
    const channels = [await aChannel(first), await aChannel(first), await aChannel(second)];
    await stores.sql(
      `INSERT INTO idempotency_key (scope, key, request_hash, status, body) VALUES ('s', 'k', 'h', 201, $1)`,
      [JSON.stringify({ sealed: first.seal('"kept"').toString('base64') })],
    );
    const resealer = new Resealer(database, both);
    await begin(both);
    expect(await needed()).toEqual(['k1', 'k2']);
    expect((await resealer.report()).keys).toMatchObject([
      { id: 'k1', values: 3 },
      { id: 'k2', values: 1 },
    ]);

    await resealer.run(never);

    expect(await sealedBy()).toEqual([{ key: 'k2' }]);
    const secrets = await stores.sql<{ client_secret: Buffer }>(
      'SELECT client_secret FROM channel',
    );
    expect(secrets.map((row) => second.openText(row.client_secret))).toEqual(
      channels.map(() => 'a secret'),
    );
    const kept = await stores.one<{ sealed: string }>(
      `SELECT body ->> 'sealed' AS sealed FROM idempotency_key`,
    );
    expect(second.openText(Buffer.from(kept.sealed, 'base64'))).toBe('"kept"');
    expect(await needed()).toEqual(['k2']);
    await expect(checkMasterKeys(database, second)).resolves.toBeUndefined();
    const { walks, keys } = await resealer.report();
    expect(walks.find(({ target }) => target === 'channel')).toMatchObject({
      resealed: 2,
      isFinished: true,
    });
    expect(keys).toMatchObject([
      { id: 'k1', values: 0 },
      { id: 'k2', values: 4 },
    ]);
  });

  it('wait until every living process seals with the new one', async () => {
    await aChannel(first);
    await begin(both);
    const old = await rows.aProcess();
    await stores.sql(`UPDATE incarnation SET sealing_key = 'k1' WHERE id = $1`, [old]);
    const resealer = new Resealer(database, both);

    await resealer.run(never);
    expect(await sealedBy()).toEqual([{ key: 'k1' }]);
    expect(await resealer.report()).toMatchObject({
      waitingFor: [{ id: old, seals: 'k1', lacks: ['k2'] }],
      walks: [],
    });

    await stores.sql('UPDATE incarnation SET stopped_at = now()');
    await resealer.run(never);
    expect(await sealedBy()).toEqual([{ key: 'k2' }]);
  });

  it('are looked for anew when a process with the old one was back for a while', async () => {
    await aChannel(first);
    await begin(both);
    await new Resealer(database, both).run(never);
    const back = SecretBox.parse(`${one},${two}`);
    await begin(back);
    const old = await rows.aProcess();
    await stores.sql(`UPDATE incarnation SET sealing_key = 'k1' WHERE id = $1`, [old]);
    await aChannel(back);
    await stores.sql('UPDATE incarnation SET stopped_at = now()');
    expect(await needed()).toEqual(['k1', 'k2']);

    await new Resealer(database, both).run(never);
    expect(await sealedBy()).toEqual([{ key: 'k2' }]);
    expect(await needed()).toEqual(['k2']);
  });

  it('are looked for anew when processes turned back to the old one for a while, though none says so any more', async () => {
    await aChannel(first);
    await begin(both);
    await new Resealer(database, both).run(never);
    expect(await needed()).toEqual(['k2']);
    await noteMasterKey(database, first, 'k1');
    await aChannel(first);
    await noteMasterKey(database, both, 'k2');

    await new Resealer(database, both).run(never);
    expect(await sealedBy()).toEqual([{ key: 'k2' }]);
    expect(await needed()).toEqual(['k2']);
  });

  it('are found where the walk had been: it goes on until a pass finds none', async () => {
    await aChannel(first);
    await begin(both);
    let copies = 2;
    const copying = Object.create(database) as Database;
    copying.acrossTenants = async (reason, work) => {
      const done = await database.acrossTenants(reason, work);
      if (copies > 0) await aChannel(first);
      copies -= 1;
      return done;
    };

    await new Resealer(copying, both).run(never);
    expect(await sealedBy()).toEqual([{ key: 'k2' }]);
    expect(await needed()).toEqual(['k2']);
  });

  it('leave a secret alone that somebody writes meanwhile, and do nothing the second time', async () => {
    const id = await aChannel(first);
    await begin(both);
    await Promise.all([
      new Resealer(database, both).run(never),
      new Resealer(database, both).run(never),
      stores.sql('UPDATE channel SET client_secret = $2 WHERE id = $1', [
        id,
        second.seal('another'),
      ]),
    ]);
    await new Resealer(database, both).run(never);

    const row = await stores.one<{ client_secret: Buffer }>('SELECT client_secret FROM channel');
    expect(second.openText(row.client_secret)).toBe('another');
  });

  it('stay needed while a value cannot be opened; a process without them refuses to start, in a clear sentence', async () => {
    await aChannel(first);
    await stores.sql('DELETE FROM master_key');
    await begin(second);
    await new Resealer(database, second).run(never);
    expect(await needed()).toEqual(['k1', 'k2']);

    const refused = checkMasterKeys(database, second);
    await expect(refused).rejects.toThrow(MissingMasterKeyError);
    await expect(refused).rejects.toThrow('MASTER_KEYS lacks the key "k1", with which rows');

    await begin(both);
    await new Resealer(database, both).run(never);
    expect(await sealedBy()).toEqual([{ key: 'k2' }]);
    expect(await needed()).toEqual(['k2']);
  });

  it('of one id that are not the same key are refused, too', async () => {
    const impostor = SecretBox.parse(key('k1'));
    await expect(checkMasterKeys(database, impostor)).rejects.toThrow('is not the one that sealed');
  });
});
