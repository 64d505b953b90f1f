import type { MigrationInterface, QueryRunner } from 'typeorm';

import { erasingFunctions, privacyColumns } from './privacy/privacy.sql';

/** Retention, erasure and legal hold (ADR 27). */
export class Privacy1795642321000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(privacyColumns);
    await runner.query(erasingFunctions);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
