import type { MigrationInterface, QueryRunner } from 'typeorm';

import { permitMissing } from './hot-path/permit-missing.sql';

/** Whether a permit is free is found by three index look-ups. */
export class PermitLookups1795650902000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(permitMissing);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
