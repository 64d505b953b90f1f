import type { MigrationInterface, QueryRunner } from 'typeorm';

import { noticeTables } from './notices/notices.sql';

/** Notices, whom they went to, and who clicked what on their cards. */
export class Notices1795641800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(noticeTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
