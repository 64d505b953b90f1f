import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { ClaimedTurn } from '../generation/claimed-turn';

export interface KeptFile {
  readonly id: string;
  readonly n: number;
  readonly kind: 'image' | 'file' | null;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number | null;
  readonly objectKey: string | null;
  /** Why it cannot be sent; null when it can. */
  readonly errorCode: string | null;
}

/** Files of answers. Those of an attempt count once the attempt is committed: others are never looked at. */
@Injectable()
export class AnswerFileRepository {
  constructor(private readonly database: Database) {}

  async keep(turn: ClaimedTurn, files: readonly KeptFile[]): Promise<void> {
    await this.database.inTenantOnce(turn.tenantId, KEEP, [
      turn.tenantId,
      turn.id,
      turn.attempt,
      JSON.stringify(files),
    ]);
  }
}

const KEEP = `
INSERT INTO answer_file (id, tenant_id, turn_id, attempt, n, kind, name, media_type, bytes, object_key, state, error_code)
SELECT f.id, $1, $2, $3, f.n, f.kind, f.name, f."mediaType", f.bytes, f."objectKey",
       CASE WHEN f."errorCode" IS NULL THEN 'pending' ELSE 'failed' END, f."errorCode"
  FROM jsonb_to_recordset($4::jsonb) AS f (id uuid, n integer, kind text, name text, "mediaType" text, bytes bigint,
                                           "objectKey" text, "errorCode" text)
ON CONFLICT DO NOTHING`;
