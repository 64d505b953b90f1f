import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which master keys a process can open, so that nobody seals with one that others do not know yet (ADR 25). */
export class KnownKeys1795650213000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const SQL = `
-- Id and fingerprint of every key that a living process has: \`id#fingerprint\`. NULL: the one in sealing_key, no others.
ALTER TABLE incarnation ADD COLUMN known_keys text[];
-- When a process last began to seal with it. A walk through the rows that began before may have missed some.
ALTER TABLE master_key ADD COLUMN chosen_at timestamptz;
-- Values that the present pass through the table has found; passes go on until one finds none.
ALTER TABLE reseal_walk ADD COLUMN found bigint NOT NULL DEFAULT 0;
`;
