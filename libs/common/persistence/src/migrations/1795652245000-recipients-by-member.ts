import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is erased is found among the recipients of notices without reading them all. */
export class RecipientsByMember1795652245000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX notice_recipient_member ON notice_recipient (tenant_id, member_id) WHERE address IS NOT NULL',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
