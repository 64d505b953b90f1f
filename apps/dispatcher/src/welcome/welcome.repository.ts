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
    const id = derivedId('conversation', channelId, conversationId);
    await tx.query(KNOW, [id, tenantId, channelId, conversationId]);
    const rows = await tx.query(WELCOME, [tenantId, id]);
    return rows.length === 1;
  }
}

/** Without naming the index: of two that race, the loser may stumble over any of the unique ones. */
const KNOW = `
INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind) VALUES ($1, $2, $3, $4, 'group')
ON CONFLICT DO NOTHING`;

const WELCOME = `
UPDATE conversation k SET welcomed_at = now() FROM channel c
 WHERE k.tenant_id = $1 AND k.id = $2 AND k.welcomed_at IS NULL
   AND c.tenant_id = $1 AND c.id = k.channel_id AND COALESCE((c.welcome ->> 'onAdded')::boolean, true)
RETURNING k.id`;
