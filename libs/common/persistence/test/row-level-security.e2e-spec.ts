import { newId } from '@common/kernel';
import { OwnStores, Rows } from '@common/testing';

import { createDataSource, Database, DEFAULT_TENANT_ID as THEIRS, migrate } from '../src';

const OURS = newId();

describe('row-level security', () => {
  let stores: OwnStores;
  let database: Database;
  let tables: string[];

  beforeAll(async () => {
    stores = await OwnStores.open(process.env);
    await migrate(stores.databaseUrl);
    // One connection: whatever one statement left behind, the next would see.
    const source = createDataSource({
      ...{ url: stores.databaseUrl, poolSize: 1, applicationName: stores.prefix },
    });
    database = new Database(source);
    await stores.sql(`INSERT INTO tenant (id, slug, name) VALUES ($1, 'ours', 'Ours')`, [OURS]);
    const rows = new Rows(stores);
    const thread = await rows.aThread();
    await rows.aTurn(thread);
    await rows.anEvent(thread.channelId, thread.threadId);
    await addMember(THEIRS, 'Theirs');
    await addMember(OURS, 'Ours');
    tables = (
      await stores.sql<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
          WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
        [stores.prefix],
      )
    ).map(({ name }) => name);
  });
  afterAll(async () => {
    await database.close();
    await stores.close();
  });

  const addMember = (tenant: string, name: string) =>
    stores.sql('INSERT INTO member (id, tenant_id, name) VALUES ($1, $2, $3)', [
      newId(),
      tenant,
      name,
    ]);
  const foreign = (table: string) =>
    `SELECT count(*)::int AS n FROM ${table} WHERE tenant_id IS DISTINCT FROM '${OURS}'`;

  it('is forced on every table with a tenant', async () => {
    const guarded = await stores.sql<{ name: string }>(
      `SELECT relname AS name FROM pg_class c WHERE relnamespace = $1::regnamespace AND relrowsecurity AND relforcerowsecurity
          AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) ORDER BY 1`,
      [stores.prefix],
    );

    expect(tables.length).toBeGreaterThan(25);
    expect(guarded.map(({ name }) => name)).toEqual(tables);
  });

  it('hides another tenant’s rows from statements that name no tenant', async () => {
    const [known] = await stores.sql<{ n: number }>(foreign('turn'));
    expect(known?.n).toBe(1);
    for (const table of tables) {
      expect([table, await database.inTenantOnce(OURS, foreign(table))]).toEqual([
        table,
        [{ n: 0 }],
      ]);
      const rows = await database.inTenant(OURS, (tx) => tx.query(foreign(table)));
      expect([table, rows]).toEqual([table, [{ n: 0 }]]);
    }
    expect(await database.inTenantOnce(OURS, 'SELECT name FROM member')).toEqual([
      { name: 'Ours' },
    ]);
  });

  it('lets nobody change or take away another tenant’s rows, nor write in its name', async () => {
    const changed = `UPDATE member SET name = 'Mine' WHERE tenant_id = '${THEIRS}' RETURNING 1`;
    expect(await database.inTenantOnce(OURS, changed)).toEqual([]);
    expect(await database.inTenantOnce(OURS, 'DELETE FROM inbound_event RETURNING 1')).toEqual([]);
    const forged = database.inTenantOnce(
      ...([OURS, 'INSERT INTO member (id, tenant_id) VALUES ($1, $2)', [newId(), THEIRS]] as const),
    );
    await expect(forged).rejects.toMatchObject({ code: '42501' });
    const given = `UPDATE member SET tenant_id = '${THEIRS}'`;
    await expect(database.inTenantOnce(OURS, given)).rejects.toMatchObject({ code: '42501' });
  });

  it('shows all tenants to what works across them, and none to what belongs to the installation', async () => {
    const count = 'SELECT count(DISTINCT tenant_id)::int AS n FROM member';
    expect(await database.acrossTenantsOnce('sweeper', count)).toEqual([{ n: 2 }]);
    expect(await database.acrossTenants('sweeper', (tx) => tx.query(count))).toEqual([{ n: 2 }]);
    expect(await database.platformOnce(count)).toEqual([{ n: 0 }]);
  });

  it('ends with the statement: the next one on the connection has a scope of its own', async () => {
    const scope = `SELECT current_setting('carillon.tenant') AS scope, $1::int AS n`;
    const named = { name: 'scope.read', text: scope };
    const seen = [
      await database.inTenantOnce(OURS, named, [1]),
      await database.inTenantOnce(THEIRS, named, [2]),
      await database.acrossTenantsOnce('sweeper', named, [3]),
      await database.platformOnce(named, [4]),
      await database.inTenantOnce(OURS, named, [5]),
    ];

    expect(seen.flat()).toEqual([
      ...[
        { scope: OURS, n: 1 },
        { scope: THEIRS, n: 2 },
        { scope: '*', n: 3 },
        { scope: '-', n: 4 },
      ],
      { scope: OURS, n: 5 },
    ]);
  });

  it('goes on after statements that failed: at parsing, at running, by a deadline', async () => {
    const missing = { name: 'spec.missing', text: 'SELECT n FROM comes_later' };
    await expect(database.inTenantOnce(OURS, missing)).rejects.toMatchObject({ code: '42P01' });
    await stores.sql('CREATE TABLE comes_later AS SELECT 7 AS n');
    expect(await database.inTenantOnce(OURS, missing)).toEqual([{ n: 7 }]);
    await expect(database.inTenantOnce(OURS, 'SELECT 1/0')).rejects.toMatchObject({
      code: '22012',
    });
    const slow = { text: 'SELECT pg_sleep(5)', timeoutMs: 50 };
    await expect(database.inTenantOnce(OURS, slow)).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    expect(await database.inTenantOnce(OURS, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('holds for a table that a later migration brings', async () => {
    await stores.sql('CREATE TABLE later (tenant_id uuid NOT NULL)');
    await stores.sql('INSERT INTO later VALUES ($1), ($2)', [OURS, THEIRS]);
    await migrate(stores.databaseUrl);

    expect(await database.inTenantOnce(OURS, 'SELECT tenant_id FROM later')).toEqual([
      { tenant_id: OURS },
    ]);
  });
});
