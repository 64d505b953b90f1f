import type { MigrationInterface, QueryRunner } from 'typeorm';

import { allowanceTables } from './sending/allowance.sql';

/** What organisations used of their monthly allowances, and which the platform refused. */
export class Allowance1764029978000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(allowanceTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
