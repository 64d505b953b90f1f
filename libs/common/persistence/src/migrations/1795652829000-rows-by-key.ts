import type { MigrationInterface, QueryRunner } from 'typeorm';

import { deliveryClaims, deliveryFunctions } from './hot-path/deliveries.sql';
import { turnCommit } from './hot-path/turns.sql';

/** Deliveries that are claimed at the same moment share a statement, too; and none of these reads rows of others. */
export class RowsByKey1795652829000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [deliveryFunctions, deliveryClaims, turnCommit]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
