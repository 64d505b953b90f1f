import type { MigrationInterface, QueryRunner } from 'typeorm';

import { contextTables } from './generation/context.sql';
import { ledgerFunctions, ledgerTables } from './generation/ledger.sql';
import { permitColumns, permitFunctions } from './generation/permits.sql';

/** Permits before slots, the ledger of attempts, and what agents remember. Older processes go on without them. */
export class Generation1764027346000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [
      ledgerTables,
      ledgerFunctions,
      permitColumns,
      permitFunctions,
      contextTables,
    ])
      await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
