import type { MigrationInterface, QueryRunner } from 'typeorm';

import { agentConfiguration } from './agents/configuration.sql';
import { limitTables } from './agents/limits.sql';

/** More kinds of agents and models, tools, budgets and content rules. Older processes go on without them. */
export class Agents1764029131000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [agentConfiguration, limitTables]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
