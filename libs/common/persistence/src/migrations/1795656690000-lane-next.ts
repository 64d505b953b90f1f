import type { MigrationInterface, QueryRunner } from 'typeorm';

import { laneNext } from './hot-path/lane.sql';

/** Lock, next event and asker of a thread in one round trip. */
export class LaneNext1795656690000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(laneNext);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
