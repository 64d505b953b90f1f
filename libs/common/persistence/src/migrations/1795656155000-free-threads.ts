import type { MigrationInterface, QueryRunner } from 'typeorm';

import { deliveryFunctions } from './hot-path/deliveries.sql';

/** Who holds a thread may be frozen: the ends of other threads do not wait for it. */
export class FreeThreads1795656155000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(deliveryFunctions);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
