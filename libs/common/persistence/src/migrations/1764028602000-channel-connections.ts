import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many gateways are connected for a channel at a time. */
export class ChannelConnections1764028602000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE channel ADD COLUMN connections smallint NOT NULL DEFAULT 1 CHECK (connections IN (1, 2))',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
