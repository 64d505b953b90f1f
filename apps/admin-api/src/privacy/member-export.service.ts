import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { NotFoundError } from '../http/api.errors';
import { MemberExportRepository } from './member-export.repository';

const BATCH = 500;

/** What is kept of one person, for that person. */
@Injectable()
export class MemberExport {
  constructor(private readonly rows: MemberExportRepository) {}

  /** @throws NotFoundError before the first line */
  async of({ tenantId }: Caller, memberId: string): Promise<AsyncGenerator<string>> {
    if (!(await this.rows.exists(tenantId, memberId))) throw new NotFoundError('member');
    return this.lines(tenantId, memberId);
  }

  private async *lines(tenantId: string, memberId: string): AsyncGenerator<string> {
    yield asLines(await this.rows.person(tenantId, memberId));
    let after: string | null = null;
    for (;;) {
      const batch = await this.rows.messages(tenantId, memberId, after, BATCH);
      if (batch.length > 0) yield asLines(batch);
      if (batch.length < BATCH) return;
      after = String(batch.at(-1)?.['id']);
    }
  }
}

const asLines = (lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');
