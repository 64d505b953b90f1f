import { Injectable } from '@nestjs/common';

import {
  type BusyPolicy,
  choiceSettings,
  type InboundMessage,
  type Locale,
  memberMapping,
  type MemberMapping,
  type SessionScope,
  welcomeSettings,
} from '@common/domain';
import { derivedId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { AskerRow } from '../asking/asker-row';
import { settingsOf } from '../asking/channel-settings';
import type { LaneEvent } from './lane-event';

/** As `lane_next` tells it. */
interface EventRow {
  id: string;
  content: LaneEvent['message'];
  /** Times in ms. */
  received_at: number;
  has_more: boolean;
  /** Base64. */
  reply_webhook: string | null;
  reply_webhook_expires_at: number | null;
  channel_id: string;
  name: string;
  client_id: string;
  robot_code: string | null;
  enabled: boolean;
  locale: Locale;
  session: { scope?: SessionScope; idleMinutes?: number };
  member_mapping: unknown;
  busy: BusyPolicy;
  access: unknown;
  service: unknown;
  welcome: unknown;
  choices: unknown;
  default_agent_id: string | null;
  default_model_id: string | null;
  current_version_id: string | null;
  has_overrides: boolean;
  member_id: string | null;
  last_seq: number;
  is_asked: boolean;
  session_id: string | null;
  session_number: number | null;
  last_activity_at: number | null;
  asker: AskerRow | null;
}

/** The thread of a message, null for what belongs to none; and how its channel finds out who wrote. */
export interface Origin {
  readonly threadId: string | null;
  readonly mapping: MemberMapping;
}

export interface NewThread {
  readonly tenantId: string;
  readonly threadId: string;
  readonly channelId: string;
  readonly conversationId: string;
  readonly conversation: InboundMessage['conversation'];
  readonly memberId: string | null;
}

/** The rows of a thread's lane: its lock, and the events that wait in it. */
@Injectable()
export class ThreadLaneRepository {
  /**
   * Takes the thread's row lock for the rest of the transaction, and reads the first unprocessed event by the gateway's
   * stamp. Null when the thread does not exist yet.
   */
  async next(
    tx: Tx,
    tenantId: string,
    threadId: string,
  ): Promise<{ readonly event: LaneEvent | null } | null> {
    const [row] = await tx.query<{ has_thread: boolean; event: EventRow | null }>(
      { name: 'lane.next', text: NEXT },
      [tenantId, threadId],
    );
    if (!row?.has_thread) return null;
    return { event: row.event && toEvent(row.event, tenantId, threadId) };
  }

  /** What the first event of a new thread says about it, read before anything is locked. */
  async founder(
    tx: Tx,
    tenantId: string,
    eventId: string,
  ): Promise<{
    channelId: string;
    mapping: MemberMapping;
    scope: SessionScope;
    message: LaneEvent['message'];
  } | null> {
    const [row] = await tx.query<{
      channel_id: string;
      member_mapping: unknown;
      scope: SessionScope | null;
      content: LaneEvent['message'];
    }>(
      `SELECT e.channel_id, c.member_mapping, c.session ->> 'scope' AS scope, e.content
         FROM inbound_event e JOIN channel c ON c.tenant_id = e.tenant_id AND c.id = e.channel_id
        WHERE e.tenant_id = $1 AND e.id = $2`,
      [tenantId, eventId],
    );
    return row
      ? {
          channelId: row.channel_id,
          mapping: memberMapping.parse(row.member_mapping),
          scope: row.scope ?? 'person',
          message: row.content,
        }
      : null;
  }

  async create(tx: Tx, thread: NewThread): Promise<void> {
    const { conversation } = thread;
    // Without naming the index: of two that race, the loser may stumble over any of the unique ones.
    await tx.query(
      `INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind, title)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [
        thread.conversationId,
        thread.tenantId,
        thread.channelId,
        conversation.id,
        conversation.kind,
        conversation.title,
      ],
    );
    await tx.query(
      `UPDATE conversation SET title = $3 WHERE tenant_id = $1 AND id = $2 AND title IS DISTINCT FROM $3`,
      [thread.tenantId, thread.conversationId, conversation.title],
    );
    await tx.query(
      `INSERT INTO thread (id, tenant_id, channel_id, conversation_id, member_id)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [thread.threadId, thread.tenantId, thread.channelId, thread.conversationId, thread.memberId],
    );
  }

  /**
   * Notes to which organisation the bot of a channel belongs, unless somebody said so (design §9). The row is nobody's:
   * its edition is only assumed.
   */
  async learnOrganization(
    tx: Tx,
    tenantId: string,
    channelId: string,
    corpId: string,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO organization (id, tenant_id, corp_id, name, learned)
       SELECT $1, $2, $3, $3, true FROM channel WHERE tenant_id = $2 AND id = $4 AND organization_id IS NULL
       ON CONFLICT DO NOTHING`,
      [derivedId('organization', tenantId, corpId), tenantId, corpId, channelId],
    );
    await tx.query(
      `UPDATE channel c SET organization_id = o.id FROM organization o
        WHERE c.tenant_id = $1 AND c.id = $2 AND c.organization_id IS NULL
          AND o.tenant_id = $1 AND o.corp_id = $3 AND o.deleted_at IS NULL`,
      [tenantId, channelId, corpId],
    );
  }

  /** The event has had its effect. @returns false when it had been processed before */
  async close(
    tx: Tx,
    tenantId: string,
    eventId: string,
    cause: string,
    turnId: string | null = null,
  ): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE inbound_event SET state = 'processed', processed_at = now(), cause = $3, turn_id = $4
        WHERE tenant_id = $1 AND id = $2 AND state = 'pending' RETURNING id`,
      [tenantId, eventId, cause, turnId],
    );
    return rows.length === 1;
  }

  /** Closes what one person wrote and nobody has looked at yet, up to the first thing that may be a command. */
  async closeBacklog(tx: Tx, tenantId: string, threadId: string, cause: string): Promise<void> {
    await tx.query({ name: 'lane.close-backlog', text: CLOSE_BACKLOG }, [
      ...[tenantId, threadId, cause],
    ]);
  }

  /**
   * Counts a failure of the thread's first event; after `limit` the event is set aside so that others may pass.
   * @returns whether it was set aside
   */
  async blame(
    tx: Tx,
    tenantId: string,
    threadId: string,
    cause: string,
    limit: number,
  ): Promise<boolean> {
    const [row] = await tx.query<{ state: string }>(
      `UPDATE inbound_event SET failures = failures + 1, cause = $3,
              state = CASE WHEN failures + 1 >= $4 THEN 'quarantined' ELSE state END
        WHERE id = (SELECT id FROM inbound_event WHERE tenant_id = $1 AND thread_id = $2 AND state = 'pending'
                     ORDER BY received_at, id LIMIT 1)
        RETURNING state`,
      [tenantId, threadId, cause, limit],
    );
    return row?.state === 'quarantined';
  }

  /** Of each event in its place; null when there is no such event. */
  async origins(tx: Tx, tenantId: string, eventIds: readonly string[]): Promise<(Origin | null)[]> {
    const rows = await tx.query<{ id: string; thread_id: string | null; member_mapping: unknown }>(
      { name: 'lane.origins', text: ORIGINS },
      [tenantId, eventIds.join()],
    );
    return eventIds.map((eventId) => {
      const row = rows.find(({ id }) => id === eventId);
      return row
        ? { threadId: row.thread_id, mapping: memberMapping.parse(row.member_mapping) }
        : null;
    });
  }
}

/** The ids come as text: the length of an array would make every plan a new one. */
const ORIGINS = `
SELECT one.*
  FROM unnest(string_to_array($2, ',')::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT e.id, e.thread_id, c.member_mapping
      FROM inbound_event e JOIN channel c ON c.tenant_id = e.tenant_id AND c.id = e.channel_id
     WHERE e.tenant_id = $1 AND e.id = wanted.id LIMIT 1) one`;

const CLOSE_BACKLOG = `
WITH waiting AS (
  SELECT id, bool_or(COALESCE(content ->> 'text', '') ~ '[/／]') OVER (ORDER BY received_at, id) AS is_behind_command
    FROM inbound_event WHERE tenant_id = $1 AND thread_id = $2 AND state = 'pending'
)
UPDATE inbound_event e SET state = 'processed', processed_at = now(), cause = $3
  FROM waiting w WHERE e.tenant_id = $1 AND e.id = w.id AND e.state = 'pending' AND NOT w.is_behind_command`;

const NEXT = `SELECT has_thread, event FROM lane_next($1, $2)`;

function toEvent(row: EventRow, tenantId: string, threadId: string): LaneEvent {
  const session =
    row.session_id && row.last_activity_at !== null
      ? {
          id: row.session_id,
          number: row.session_number ?? 1,
          lastActivityAt: new Date(row.last_activity_at),
        }
      : null;
  return {
    id: row.id,
    tenantId,
    threadId,
    message: row.content,
    receivedAt: new Date(row.received_at),
    hasMore: row.has_more,
    replyWebhook: row.reply_webhook === null ? null : Buffer.from(row.reply_webhook, 'base64'),
    replyWebhookExpiresAt:
      row.reply_webhook_expires_at === null ? null : new Date(row.reply_webhook_expires_at),
    channel: channelOf(row),
    thread: {
      memberId: row.member_id,
      asker: row.asker,
      lastSeq: row.last_seq,
      isAsked: row.is_asked,
      session,
    },
  };
}

const channelOf = (row: EventRow): LaneEvent['channel'] => ({
  id: row.channel_id,
  name: row.name,
  clientId: row.client_id,
  robotCode: row.robot_code,
  enabled: row.enabled,
  locale: row.locale,
  scope: row.session.scope ?? 'person',
  idleMinutes: row.session.idleMinutes ?? 1_440,
  mapping: memberMapping.parse(row.member_mapping),
  busy: row.busy,
  ...settingsOf(row),
  welcome: welcomeSettings.safeParse(row.welcome).data ?? welcomeSettings.parse({}),
  choices: choiceSettings.safeParse(row.choices).data ?? choiceSettings.parse({}),
  defaultAgentId: row.default_agent_id,
  defaultModelId: row.default_model_id,
  agentVersionId: row.current_version_id,
  hasOverrides: row.has_overrides,
});
