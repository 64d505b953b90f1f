import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A channel may name its own platform (`apiUrl`, `oapiUrl`): DingTalk abroad, a private DingTalk. */
export class ChannelEndpoints1764034911000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE channel ADD COLUMN endpoint jsonb, ADD COLUMN trusted_endpoint boolean NOT NULL DEFAULT false`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
