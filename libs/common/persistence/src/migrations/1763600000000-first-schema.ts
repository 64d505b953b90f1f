import type { MigrationInterface, QueryRunner } from 'typeorm';

import { configurationTables } from './first-schema/configuration.sql';
import { conversationTables } from './first-schema/conversation.sql';
import { platformTables } from './first-schema/platform.sql';
import { turnFunctions } from './first-schema/turn-functions.sql';
import { turnTables } from './first-schema/turn.sql';

/** Everything the journey of a question needs (design §2–§4). Foreign keys and checks carry the promises. */
export class FirstSchema1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [
      platformTables,
      configurationTables,
      conversationTables,
      turnTables,
      turnFunctions,
    ])
      await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
