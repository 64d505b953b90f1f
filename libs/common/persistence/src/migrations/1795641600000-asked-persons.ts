import type { MigrationInterface, QueryRunner } from 'typeorm';

const sql = `
-- What the person is asked, as they read it; what it is for buttons; and the how-manieth question of the turn it is.
ALTER TABLE turn_wait ADD COLUMN question text, ADD COLUMN ask jsonb, ADD COLUMN asked integer NOT NULL DEFAULT 1;
`;

/** A question to a person is kept with the turn that waits, so that it can be shown without a card too. */
export class AskedPersons1795641600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
