import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A version of an agent may answer a share of a channel's sessions before it becomes the current one. */
export class AgentCanary1795638512000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE agent_version ADD COLUMN created_by text;
      ALTER TABLE channel
        ADD COLUMN canary_version_id uuid,
        ADD COLUMN canary_percent integer CHECK (canary_percent BETWEEN 1 AND 100),
        ADD CHECK ((canary_version_id IS NULL) = (canary_percent IS NULL)),
        ADD FOREIGN KEY (tenant_id, canary_version_id) REFERENCES agent_version (tenant_id, id)`);
    // The same session falls on the same side every time; another canary draws other sessions.
    await runner.query(`
      CREATE FUNCTION version_for_session(p_tenant uuid, p_channel uuid, p_session uuid, p_version uuid) RETURNS uuid
      LANGUAGE sql STABLE AS $$
        SELECT COALESCE(
          (SELECT cv.id FROM channel c
             JOIN agent_version cv ON cv.tenant_id = c.tenant_id AND cv.id = c.canary_version_id
             JOIN agent a ON a.tenant_id = cv.tenant_id AND a.id = cv.agent_id AND a.current_version_id = p_version
            WHERE c.tenant_id = p_tenant AND c.id = p_channel
              AND ('x' || left(md5(p_session::text || cv.id::text), 8))::bit(32)::bigint % 100 < c.canary_percent),
          p_version)
      $$`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
