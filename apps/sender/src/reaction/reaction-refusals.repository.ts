import { Injectable } from '@nestjs/common';

import type { DingTalkError } from '@common/dingtalk';
import { Database } from '@common/persistence';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';

/**
 * Channels whose reactions DingTalk refuses. Claims leave them out for an hour, or until the channel is saved or restarted;
 * its status stays as it is, for no answer suffers.
 */
@Injectable()
export class ReactionRefusals {
  constructor(private readonly database: Database) {}

  async remember({ tenantId, channelId }: ClaimedDelivery, error: DingTalkError): Promise<void> {
    await this.database.inTenantOnce(tenantId, UPSERT, [
      ...[tenantId, channelId],
      `DingTalk refuses reactions (${error.platformCode ?? error.code}); questions get none.`,
    ]);
  }
}

const UPSERT = `
INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
VALUES ($1, $2, 'reaction_refused', $3,
        'Grant what the app lacks, or set card.acknowledge to none; then save or restart the channel.', now() + interval '1 hour')
ON CONFLICT (channel_id, code) DO UPDATE SET message = EXCLUDED.message, at = now(), until = EXCLUDED.until`;
