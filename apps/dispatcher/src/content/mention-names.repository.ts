import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { LaneEvent } from '../inbound/lane-event';

const MOST = 20;

/** Names of mentioned people that the words of a message do not say; the platform tells only their ids. */
@Injectable()
export class MentionNames {
  async of({ tenantId, message }: LaneEvent, tx: Tx): Promise<string[]> {
    const staffIds = (message.mentions ?? [])
      .filter(({ isBot, staffId }) => !isBot && staffId !== null)
      .map(({ staffId }) => staffId)
      .slice(0, MOST);
    if (staffIds.length === 0) return [];
    const rows = await tx.query<{ name: string }>(
      `SELECT m.name FROM identity i JOIN member m ON m.tenant_id = i.tenant_id AND m.id = i.member_id
        WHERE i.tenant_id = $1 AND i.kind = 'staff' AND i.realm = ANY($2) AND i.value = ANY($3) AND m.name <> ''
        ORDER BY array_position($3, i.value)`,
      [tenantId, [message.corpId, message.sender.corpId].filter((id) => id !== null), staffIds],
    );
    return rows.map(({ name }) => name).filter((name) => !message.text.includes(`@${name}`));
  }
}
