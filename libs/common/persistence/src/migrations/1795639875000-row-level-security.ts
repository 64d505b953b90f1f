import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Postgres itself keeps tenants apart (ADR 22). */
export class RowLevelSecurity1795639875000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GUARD);
    await runner.query('SELECT guard_tenant_tables()');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const GUARD = `
-- Puts a policy on every table with a tenant that has none yet. Whoever migrates calls it last, so that later tables get
-- theirs. The setting says whose rows a statement may see: a tenant's, '*' all, '-' none. Not set (psql, dumps, processes
-- older than this): all; close that with ALTER ROLE … SET carillon.tenant = '-'. Forced, so that the owner is held, too.
-- The sub-select is evaluated once per statement and not once per row.
CREATE FUNCTION guard_tenant_tables() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_table regclass;
  v_count integer := 0;
  v_scope constant text := '(SELECT COALESCE(NULLIF(current_setting(''carillon.tenant'', true), ''''), ''*''))';
BEGIN
  FOR v_table IN
    SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) ORDER BY c.relname
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_table);
    IF v_table = to_regclass('api_key') THEN
      -- Found by its hash before anybody knows the tenant; keys without a tenant are the platform's.
      EXECUTE format('CREATE POLICY tenant_scope ON %s USING (tenant_id IS NULL OR %s IN (''*'', ''-'', tenant_id::text))',
        v_table, v_scope);
    ELSE
      EXECUTE format('CREATE POLICY tenant_scope ON %s USING (%s IN (''*'', tenant_id::text))', v_table, v_scope);
    END IF;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END $$;
`;
