import type { MigrationInterface, QueryRunner } from 'typeorm';

import { sendingTables } from './sending/sending.sql';

/** What senders learned about the platform's limits, so that a wiped Redis forgets none of it (P5). */
export class Sending1764028350000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(sendingTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
