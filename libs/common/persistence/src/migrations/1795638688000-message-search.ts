import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages of a tenant, newest first: what a search goes through, window by window. */
export class MessageSearch1795638688000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX message_recent ON message (tenant_id, created_at DESC, id DESC)',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
