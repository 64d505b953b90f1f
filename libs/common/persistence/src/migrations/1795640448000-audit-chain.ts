import type { MigrationInterface, QueryRunner } from 'typeorm';

import { auditColumns, auditFunctions, chainWhatIsThere } from './audit/audit-chain.sql';

/** The audit log becomes append-only and a chain per tenant (ADR 23). */
export class AuditChain1795640448000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [auditColumns, auditFunctions, chainWhatIsThere]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
