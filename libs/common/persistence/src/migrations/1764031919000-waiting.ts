import type { MigrationInterface, QueryRunner } from 'typeorm';

import { claimTurn } from './waiting/claim-turn.sql';
import { waitingTables } from './waiting/waiting.sql';

/** Turns that wait for a person to agree; claims that know the model the asker chose. */
export class Waiting1764031919000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [waitingTables, claimTurn]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
