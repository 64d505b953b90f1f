import { Injectable } from '@nestjs/common';

import type { ConversationKind } from '@common/domain';
import type { Tx } from '@common/persistence';

export interface Memory {
  readonly id: string;
  readonly text: string;
}

/** What agents remember of a person. What was learned in a direct chat is not shown in a group unless it is shared. */
@Injectable()
export class MemoryRepository {
  /** In the order they were learned, so that numbers stay what they were. */
  list(tx: Tx, tenantId: string, memberId: string, where: ConversationKind): Promise<Memory[]> {
    return tx.query<{ id: string; text: string }>(
      `SELECT id, text FROM member_memory
        WHERE tenant_id = $1 AND member_id = $2 AND ($3 = 'direct' OR origin = 'group' OR shared)
        ORDER BY created_at, id LIMIT 200`,
      [tenantId, memberId, where],
    );
  }

  async forget(
    tx: Tx,
    tenantId: string,
    memberId: string,
    memories: readonly Memory[],
  ): Promise<void> {
    await tx.query(
      'DELETE FROM member_memory WHERE tenant_id = $1 AND member_id = $2 AND id = ANY($3)',
      [tenantId, memberId, memories.map(({ id }) => id)],
    );
  }
}
