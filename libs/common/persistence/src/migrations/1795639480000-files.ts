import type { MigrationInterface, QueryRunner } from 'typeorm';

import { fileTable } from './files/files.sql';

/** What people send: a row for each file, fetched beside the turns. */
export class Files1795639480000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(fileTable);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
