import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import { allowanceReport, type UsageColumns } from '../organizations/allowance-report';
import type { PendingColumns } from './channel-view';
import type { Notice, Report, StatusFacts } from './status-of-channel';

/** A gateway that was not seen for this long is silent (P9). */
export const SILENT_AFTER = '4 seconds';

@Injectable()
export class ChannelStatusRepository {
  constructor(private readonly database: Database) {}

  /** Undefined when the tenant has no such channel. */
  facts(tenantId: string, channelId: string): Promise<StatusFacts | undefined> {
    return this.database.inTenant(tenantId, async (tx) => {
      const [channel] = await tx.query<Pick<StatusFacts, 'enabled' | 'now'> & PendingColumns>(
        `SELECT enabled, pending_since, pending_tries, pending_error, now() AS now FROM channel
          WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
        [tenantId, channelId],
      );
      if (!channel) return undefined;
      const reports = await tx.query<Report>(REPORTS, [tenantId, channelId]);
      const notices = await tx.query<Notice>(NOTICES, [tenantId, channelId]);
      const [usage] = await tx.query<UsageColumns>(USAGE, [tenantId, channelId]);
      const [last] = await tx.query<Last>(LAST, [tenantId, channelId]);
      return {
        ...channel,
        reports,
        notices,
        allowance: usage ? allowanceReport(usage) : null,
        lastMessageAt: last?.message_at ?? null,
        lastAnswerAt: last?.answer_at ?? null,
        refusedStreamSince: last?.refused_at ?? null,
      };
    });
  }
}

const REPORTS = {
  name: 'channel-status.reports',
  text: `SELECT c.gateway_id, c.state, c.code, c.message, c.user_action, c.connected_at, c.last_error, c.changed_at,
      i.seen_at, i.stopped_at IS NULL AND i.seen_at > now() - interval '${SILENT_AFTER}' AS is_live
    FROM channel_connection c JOIN incarnation i ON i.id = c.gateway_id
    WHERE c.tenant_id = $1 AND c.channel_id = $2`,
};
/** Null columns: the channel belongs to no organisation. */
const USAGE = {
  name: 'channel-status.allowance',
  text: `SELECT allowance_of(c.tenant_id, c.organization_id) AS allowance, c.card ->> 'pace' AS pace,
      allowance_refused(c.tenant_id, c.id, 'api') AS api_refused,
      allowance_refused(c.tenant_id, c.id, 'message') AS message_refused
    FROM channel c WHERE c.tenant_id = $1 AND c.id = $2`,
};
interface Last {
  message_at: Date | null;
  answer_at: Date | null;
  refused_at: Date | null;
}
/** Two steps into an index each, and the channel's history of 30 days: what is older is not known. */
const LAST = {
  name: 'channel-status.last',
  text: `SELECT
      (SELECT max(received_at) FROM inbound_event
        WHERE tenant_id = $1 AND channel_id = $2 AND kind = 'message') AS message_at,
      (SELECT max(ended_at) FROM delivery
        WHERE tenant_id = $1 AND channel_id = $2 AND state = 'delivered') AS answer_at,
      (SELECT COALESCE(min(at) FILTER (WHERE code = 'not_in_stream_mode'), now() - interval '30 days')
         FROM channel_transition
        WHERE tenant_id = $1 AND channel_id = $2
          AND at > COALESCE((SELECT max(at) FROM channel_transition
                              WHERE tenant_id = $1 AND channel_id = $2 AND state = 'connected'),
                            '-infinity')) AS refused_at`,
};
const NOTICES = {
  name: 'channel-status.notices',
  text: `SELECT code, message, user_action, at FROM channel_notice
    WHERE tenant_id = $1 AND channel_id = $2 AND (until IS NULL OR until > now()) ORDER BY at DESC, code`,
};
