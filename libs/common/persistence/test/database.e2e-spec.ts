import { HastyClock, OwnStores } from '@common/testing';

import {
  createDataSource,
  Database,
  DatabaseUnavailableError,
  DEFAULT_TENANT_ID,
  judgeSchema,
  migrate,
  SCHEMA_VERSION,
  whileAway,
} from '../src';

let stores: OwnStores;
const open: Database[] = [];
const aDatabase = (url = stores.databaseUrl, poolSize = 2): Database => {
  const database = new Database(
    createDataSource({ url, poolSize, applicationName: stores.prefix }),
  );
  open.push(database);
  return database;
};

beforeEach(async () => {
  stores = await OwnStores.open(process.env);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
  await stores.close();
});

describe('migrate', () => {
  it('brings an empty schema up to date, and has nothing to do the second time', async () => {
    expect(await migrate(stores.databaseUrl)).not.toEqual([]);
    expect(await migrate(stores.databaseUrl)).toEqual([]);
    expect(await stores.sql('SELECT id, slug FROM tenant')).toEqual([
      { id: DEFAULT_TENANT_ID, slug: 'default' },
    ]);
  });

  it('may be started by several replicas at the same time', async () => {
    const ran = await Promise.all([1, 2, 3].map(() => migrate(stores.databaseUrl)));
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
  });
});

describe('named statements', () => {
  it('read their own columns each time, and are refused when these have changed', async () => {
    await stores.sql(`CREATE TABLE thing (name text, n int); INSERT INTO thing VALUES ('a', 1)`);
    const database = aDatabase(stores.databaseUrl, 1);
    const ask = (name: string, columns: string) =>
      database.platformOnce({ name, text: `SELECT ${columns} FROM thing` });
    for (let round = 0; round < 2; round += 1) {
      expect(await ask('all', '*')).toEqual([{ name: 'a', n: 1 }]);
      expect(await ask('turned', 'n, name AS of')).toEqual([{ n: 1, of: 'a' }]);
      expect(await ask('plain', 'n, name')).toEqual([{ n: 1, name: 'a' }]);
    }
    await stores.sql('ALTER TABLE thing ADD COLUMN more text');
    await expect(ask('all', '*')).rejects.toThrow(/must not change result type/);
  });
});

describe('behind a pooler that keeps no prepared statements', () => {
  it('leaves nothing prepared, and every statement has its scope all the same', async () => {
    const url = stores.databaseUrl;
    const source = createDataSource({ url, poolSize: 1, applicationName: stores.prefix });
    const database = new Database(source, { prepares: false });
    open.push(database);
    const scope = {
      name: 'scope',
      text: `SELECT current_setting('carillon.tenant') AS scope, $1::int AS n`,
    };
    for (const n of [1, 2])
      expect(await database.inTenantOnce(DEFAULT_TENANT_ID, scope, [n])).toEqual([
        { scope: DEFAULT_TENANT_ID, n },
      ]);
    await database.inTenant(DEFAULT_TENANT_ID, async (tx) => {
      expect(await tx.query(scope, [3])).toEqual([{ scope: DEFAULT_TENANT_ID, n: 3 }]);
    });
    const kept = 'SELECT count(*)::int AS kept FROM pg_prepared_statements';
    expect(await database.platformOnce(kept)).toEqual([{ kept: 0 }]);
  });
});

describe('judgeSchema', () => {
  it('finds an empty schema not migrated, and a migrated one usable', async () => {
    const database = aDatabase();
    expect(await judgeSchema(database)).toEqual({
      usable: false,
      reason: 'not_migrated',
      version: 0,
    });
    await migrate(stores.databaseUrl);
    expect(await judgeSchema(database)).toEqual({ usable: true });
  });

  it('refuses a schema that is too old or that says so itself', async () => {
    await migrate(stores.databaseUrl);
    const database = aDatabase();
    expect(await judgeSchema(database, SCHEMA_VERSION + 1)).toMatchObject({ reason: 'too_old' });
    const later = SCHEMA_VERSION + 1;
    await stores.sql(`UPDATE schema_state SET version = ${later}, compatible_from = ${later}`);
    expect(await judgeSchema(database)).toMatchObject({ reason: 'incompatible', version: later });
    await stores.sql('UPDATE schema_state SET compatible_from = 1');
    expect(await judgeSchema(database)).toEqual({ usable: true });
  });

  it('says that Postgres is away when it is', async () => {
    const nowhere = aDatabase('postgres://nobody@127.0.0.1:1/none');
    await expect(judgeSchema(nowhere)).rejects.toThrow(DatabaseUnavailableError);
  });
});

describe('Database', () => {
  const insert = `INSERT INTO member (id, tenant_id, name) VALUES (gen_random_uuid(), $1, $2)`;
  const names = async (): Promise<unknown[]> =>
    (await stores.sql('SELECT name FROM member ORDER BY name')).map(({ name }) => name as unknown);
  beforeEach(() => migrate(stores.databaseUrl));

  it('commits what the work wrote, under the name of its tenant', async () => {
    const tenant = await aDatabase().inTenant(DEFAULT_TENANT_ID, async (tx) => {
      await tx.query(insert, [DEFAULT_TENANT_ID, 'Ada']);
      const [row] = await tx.query<{ id: string }>(
        `SELECT current_setting('carillon.tenant') AS id`,
      );
      return row?.id;
    });
    expect(tenant).toBe(DEFAULT_TENANT_ID);
    expect(await names()).toEqual(['Ada']);
  });

  it('takes everything back when the work fails, and gives a clean connection to the next', async () => {
    const database = aDatabase(stores.databaseUrl, 1);
    const failing = database.inTenant(DEFAULT_TENANT_ID, async (tx) => {
      await tx.query(insert, [DEFAULT_TENANT_ID, 'Ada']);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await names()).toEqual([]);

    const [row] = await database.platformOnce<{ id: string }>(
      `SELECT current_setting('carillon.tenant') AS id`,
    );
    expect(row?.id).toBe('-');
  });

  it('goes on after a statement of a transaction failed', async () => {
    const database = aDatabase(stores.databaseUrl, 1);
    await expect(
      database.inTenant(DEFAULT_TENANT_ID, (tx) => tx.query('SELECT 1/0')),
    ).rejects.toMatchObject({ code: '22012' });
    expect(await database.platformOnce('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('takes no text for the id of a tenant', () => {
    expect(() =>
      aDatabase().inTenant(`x'; DROP TABLE tenant; --`, () => Promise.resolve()),
    ).toThrow(TypeError);
  });

  it('survives that its backends are killed, idle or at work', async () => {
    const database = aDatabase();
    await database.platformOnce('SELECT 1');
    const kill = () =>
      stores.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()`,
        [stores.prefix],
      );
    await kill();
    expect(
      await whileAway(new HastyClock(), new AbortController().signal, () =>
        database.platformOnce('SELECT 1 AS one'),
      ),
    ).toEqual([{ one: 1 }]);

    const atWork = database.inTenant(DEFAULT_TENANT_ID, async (tx) => {
      await tx.query(insert, [DEFAULT_TENANT_ID, 'Ada']);
      await kill();
      return tx.query('SELECT 1');
    });
    await expect(atWork).rejects.toThrow(DatabaseUnavailableError);
    expect(await names()).toEqual([]);
    expect(
      await whileAway(new HastyClock(), new AbortController().signal, () =>
        database.platformOnce('SELECT 2 AS two'),
      ),
    ).toEqual([{ two: 2 }]);
  });

  it('tries again after it could not connect', async () => {
    const database = aDatabase(stores.databaseUrl.replace(/:\d+\//, ':1/'));
    for (let n = 0; n < 2; n += 1)
      await expect(database.connect()).rejects.toThrow(DatabaseUnavailableError);
  });
});
