import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { PendingColumns } from './channel-view';
import type { Notice, Report, StatusFacts } from './status-of-channel';
import { SILENT_AFTER } from './channel-status.repository';

/** What is asked for: channels of one tenant, or (null) all there are. */
export interface Wanted {
  readonly tenantId: string | null;
  readonly channelIds: readonly string[] | null;
  /** Whether to look up the last message and answer of each, too. */
  readonly withLast: boolean;
}

export interface ChannelFacts extends StatusFacts {
  readonly id: string;
  readonly tenantId: string;
}

type ChannelRow = PendingColumns & { id: string; tenant_id: string; enabled: boolean; now: Date };
type OfChannel<T> = T & { channel_id: string };
interface LastRow {
  channel_id: string;
  message_at: Date | null;
  answer_at: Date | null;
  refused_at: Date | null;
}

/** The status of many channels in as many statements as of one. Allowances are not asked for. */
@Injectable()
export class ChannelStatusesRepository {
  async facts(tx: Tx, wanted: Wanted): Promise<ChannelFacts[]> {
    const which = [wanted.tenantId, wanted.channelIds];
    const channels = await tx.query<ChannelRow>(CHANNELS, which);
    const reports = byChannel(await tx.query<OfChannel<Report>>(REPORTS, which));
    const notices = byChannel(await tx.query<OfChannel<Notice>>(NOTICES, which));
    const refused = [...reports]
      .filter(([, of]) => of.some(({ code }) => code === 'not_in_stream_mode'))
      .map(([id]) => id);
    const ids = wanted.withLast ? channels.map(({ id }) => id) : refused;
    const last = byChannel(ids.length === 0 ? [] : await tx.query<LastRow>(LAST, [ids, refused]));
    return channels.map(({ tenant_id: tenantId, ...channel }) => {
      const [seen] = last.get(channel.id) ?? [];
      return {
        ...channel,
        tenantId,
        reports: reports.get(channel.id) ?? [],
        notices: notices.get(channel.id) ?? [],
        allowance: null,
        lastMessageAt: seen?.message_at ?? null,
        lastAnswerAt: seen?.answer_at ?? null,
        refusedStreamSince: seen?.refused_at ?? null,
      };
    });
  }
}

function byChannel<T extends { channel_id: string }>(rows: readonly T[]): Map<string, T[]> {
  const grouped = new Map<string, T[]>();
  for (const row of rows) {
    const of = grouped.get(row.channel_id);
    if (of) of.push(row);
    else grouped.set(row.channel_id, [row]);
  }
  return grouped;
}

const WHICH = (alias: string, id: string) =>
  `($1::uuid IS NULL OR ${alias}.tenant_id = $1) AND ($2::uuid[] IS NULL OR ${alias}.${id} = ANY($2))`;

const CHANNELS = {
  name: 'channel-statuses.channels',
  text: `SELECT c.id, c.tenant_id, c.enabled, c.pending_since, c.pending_tries, c.pending_error, now() AS now
    FROM channel c WHERE c.deleted_at IS NULL AND ${WHICH('c', 'id')}`,
};

const REPORTS = {
  name: 'channel-statuses.reports',
  text: `SELECT c.channel_id, c.gateway_id, c.state, c.code, c.message, c.user_action, c.connected_at, c.last_error,
      c.changed_at, i.seen_at, i.stopped_at IS NULL AND i.seen_at > now() - interval '${SILENT_AFTER}' AS is_live
    FROM channel_connection c JOIN incarnation i ON i.id = c.gateway_id WHERE ${WHICH('c', 'channel_id')}`,
};

const NOTICES = {
  name: 'channel-statuses.notices',
  text: `SELECT n.channel_id, n.code, n.message, n.user_action, n.at FROM channel_notice n
    WHERE ${WHICH('n', 'channel_id')} AND (n.until IS NULL OR n.until > now()) ORDER BY n.at DESC, n.code`,
};

/** A step into an index each; the history only of those that DingTalk refuses ($2). */
const LAST = {
  name: 'channel-statuses.last',
  text: `SELECT c.id AS channel_id, m.message_at, a.answer_at, r.refused_at
    FROM channel c
    CROSS JOIN LATERAL (SELECT max(received_at) AS message_at FROM inbound_event e
      WHERE e.tenant_id = c.tenant_id AND e.channel_id = c.id AND e.kind = 'message') m
    CROSS JOIN LATERAL (SELECT max(ended_at) AS answer_at FROM delivery d
      WHERE d.tenant_id = c.tenant_id AND d.channel_id = c.id AND d.state = 'delivered') a
    LEFT JOIN LATERAL (SELECT COALESCE(min(t.at) FILTER (WHERE t.code = 'not_in_stream_mode'),
          now() - interval '30 days') AS refused_at
      FROM channel_transition t WHERE t.tenant_id = c.tenant_id AND t.channel_id = c.id
        AND t.at > COALESCE((SELECT max(s.at) FROM channel_transition s WHERE s.tenant_id = c.tenant_id
          AND s.channel_id = c.id AND s.state = 'connected'), '-infinity')) r ON c.id = ANY($2::uuid[])
    WHERE c.id = ANY($1::uuid[])`,
};
