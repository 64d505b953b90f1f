import { Injectable } from '@nestjs/common';

import { derivedId } from '@common/kernel';
import type { Tx } from '@common/persistence';

/** Who was welcomed where: at most once, and only where the channel does so. */
@Injectable()
export class WelcomeRepository {
  /** @returns whether the group is to be welcomed now */
  async group(
    tx: Tx,
    {
      tenantId,
      channelId,
      conversationId,
    }: { readonly tenantId: string; readonly channelId: string; readonly conversationId: string },
  ): Promise<boolean> {
    const rows = await tx.query(GROUP, [
      derivedId('conversation', channelId, conversationId),
      tenantId,
      channelId,
      conversationId,
    ]);
    return rows.length === 1;
  }
}

const GROUP = `
INSERT INTO conversation AS known (id, tenant_id, channel_id, platform_id, kind, welcomed_at)
SELECT $1, c.tenant_id, c.id, $4, 'group', now() FROM channel c
 WHERE c.tenant_id = $2 AND c.id = $3 AND COALESCE((c.welcome ->> 'onAdded')::boolean, true)
ON CONFLICT (id) DO UPDATE SET welcomed_at = now() WHERE known.welcomed_at IS NULL
RETURNING id`;
