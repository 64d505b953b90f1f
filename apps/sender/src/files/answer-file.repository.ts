import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import type { AnswerFileKind } from '@common/domain';
import { Database } from '@common/persistence';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { LeaseLostError } from '../platform/lease';

export interface AnswerFileRow {
  readonly id: string;
  readonly n: number;
  readonly kind: AnswerFileKind | null;
  readonly name: string;
  readonly objectKey: string | null;
  readonly mediaId: string | null;
  readonly state: 'pending' | 'sending' | 'sent' | 'failed' | 'unknown';
  readonly errorCode: string | null;
  /** How often sending it was begun. */
  readonly tries: number;
}

/** What became of the files of an answer. Beginning to send is guarded by owner and attempt of the delivery. */
@Injectable()
export class AnswerFileRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /** Those of the attempt that was committed. */
  of({ tenantId, turn }: ClaimedDelivery): Promise<AnswerFileRow[]> {
    return this.database.inTenantOnce<AnswerFileRow & Record<string, unknown>>(
      tenantId,
      { name: 'answer-file.of', text: OF },
      [tenantId, turn?.id],
    );
  }

  async uploaded({ tenantId }: ClaimedDelivery, id: string, mediaId: string): Promise<void> {
    await this.database.inTenantOnce(
      tenantId,
      'UPDATE answer_file SET media_id = $3 WHERE tenant_id = $1 AND id = $2',
      [tenantId, id, mediaId],
    );
  }

  /** @throws LeaseLostError when the delivery is no longer ours */
  async begin(delivery: ClaimedDelivery, id: string): Promise<void> {
    const rows = await this.database.inTenantOnce(
      delivery.tenantId,
      `UPDATE answer_file f SET state = 'sending', tries = f.tries + 1 FROM delivery d
        WHERE f.tenant_id = $1 AND f.id = $2 AND d.id = $3 AND d.owner = $4 AND d.attempt = $5 RETURNING f.id`,
      [delivery.tenantId, id, delivery.id, this.incarnation.id, delivery.attempt],
    );
    if (rows.length === 0) throw new LeaseLostError();
  }

  /** The call certainly had no effect. */
  async notSent({ tenantId }: ClaimedDelivery, id: string): Promise<void> {
    await this.database.inTenantOnce(
      tenantId,
      `UPDATE answer_file SET tries = tries - 1, state = CASE WHEN tries = 1 THEN 'pending' ELSE state END
        WHERE tenant_id = $1 AND id = $2 AND state = 'sending'`,
      [tenantId, id],
    );
  }

  async settle(
    { tenantId, turn }: ClaimedDelivery,
    { id, n }: AnswerFileRow,
    state: 'sent' | 'failed' | 'unknown',
    code: string | null,
  ): Promise<void> {
    await this.database.inTenantOnce(tenantId, SETTLE, [tenantId, id, state, code, turn?.id, n]);
  }
}

const OF = `
SELECT f.id, f.n, f.kind, f.name, f.object_key AS "objectKey", f.media_id AS "mediaId", f.state,
       f.error_code AS "errorCode", f.tries
  FROM answer_file f JOIN turn t ON t.tenant_id = f.tenant_id AND t.id = f.turn_id AND t.attempt = f.attempt
 WHERE f.tenant_id = $1 AND f.turn_id = $2 ORDER BY f.n`;

/** With a checkpoint of the turn, for operators. */
const SETTLE = `
WITH settled AS (
  UPDATE answer_file SET state = $3, error_code = $4 WHERE tenant_id = $1 AND id = $2 AND state <> 'sent' RETURNING id
)
INSERT INTO turn_step (tenant_id, turn_id, step, detail)
SELECT $1, $5::uuid, 'file_' || $3::text, jsonb_strip_nulls(jsonb_build_object('n', $6::int, 'code', $4::text)) FROM settled`;
