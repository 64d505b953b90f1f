import type { MigrationInterface, QueryRunner } from 'typeorm';

import { deliveryFunctions } from './hot-path/deliveries.sql';
import { turnCommit } from './hot-path/turns.sql';

/** What ends at the same moment is written by one statement and one commit. */
export class ManyAtOnce1795651360000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [deliveryFunctions, turnCommit]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
