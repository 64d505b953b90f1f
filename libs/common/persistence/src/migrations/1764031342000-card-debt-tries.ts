import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A card debt counts its own tries: the delivery's wakings say nothing about how often its card was tried. */
export class CardDebtTries1764031342000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE delivery
        ADD COLUMN debt_tries integer NOT NULL DEFAULT 0,
        ADD COLUMN debt_tried_at timestamptz`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
