import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the platform was told that an event is taken: for the timeline of its turn. */
export class Acknowledged1795643986000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE inbound_event ADD COLUMN acknowledged_at timestamptz');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
