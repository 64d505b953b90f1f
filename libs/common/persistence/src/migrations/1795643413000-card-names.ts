import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the platform calls a card (messaging reference §5.6): a quote of it names it so, without its words. */
export class CardNames1795643413000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE delivery ADD COLUMN message_key text');
    await runner.query(
      'CREATE INDEX delivery_message_key ON delivery (channel_id, message_key) WHERE message_key IS NOT NULL',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
