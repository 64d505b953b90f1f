import { newId } from '@common/kernel';

import { anInboundMessage } from '../builders/an-inbound-message';
import type { OwnStores } from './own-stores';

/** The tenant that migrations make. */
const TENANT = '00000000-0000-4000-8000-000000000001';

export interface ThreadRow {
  readonly tenantId: string;
  readonly channelId: string;
  readonly threadId: string;
  readonly sessionId: string;
  readonly memberId: string;
}
export interface TurnRow {
  readonly turnId: string;
  readonly deliveryId: string;
}

interface ChannelWish {
  readonly enabled?: boolean;
  readonly clientId?: string;
  readonly clientSecret?: Buffer;
  readonly card?: object;
  readonly session?: object;
}
interface TurnWish {
  readonly state?: 'queued' | 'active' | 'generated';
  readonly outcome?: 'answered' | 'failed' | 'cancelled';
  readonly answer?: string;
  readonly owner?: string;
  readonly deliveryOwner?: string;
  /** How long ago turn and delivery were woken. */
  readonly wokenSecondsAgo?: number;
  readonly staffId?: string | null;
  readonly kind?: 'direct' | 'group';
}
interface EventWish {
  readonly id?: string;
  readonly text?: string;
  readonly receivedAt?: Date;
  readonly wokenSecondsAgo?: number;
  readonly content?: unknown;
}

/** Writes the rows that a spec begins with, straight into its own schema. */
export class Rows {
  readonly tenantId = TENANT;
  private seq = 0;

  constructor(private readonly stores: OwnStores) {}

  async aChannel(wish: ChannelWish = {}): Promise<string> {
    const id = newId();
    await this.stores.sql(
      `INSERT INTO channel (id, tenant_id, name, client_id, client_secret, enabled, locale, card, session)
       VALUES ($1, $2, 'Carillon', $3, $4, $5, 'en', $6, $7)`,
      [
        id,
        TENANT,
        wish.clientId ?? `ding-${id}`,
        wish.clientSecret ?? Buffer.from('sealed'),
        wish.enabled ?? true,
        JSON.stringify(wish.card ?? { enabled: true, pace: 'balanced' }),
        JSON.stringify(wish.session ?? { scope: 'person', idleMinutes: 60 }),
      ],
    );
    return id;
  }

  async aThread(channelId?: string): Promise<ThreadRow> {
    const channel = channelId ?? (await this.aChannel());
    const [conversation, member, thread, session] = [newId(), newId(), newId(), newId()];
    await this.stores.sql(
      `INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind) VALUES ($1, $2, $3, $4, 'direct')`,
      [conversation, TENANT, channel, conversation],
    );
    await this.stores.sql('INSERT INTO member (id, tenant_id) VALUES ($1, $2)', [member, TENANT]);
    await this.stores.sql(
      `INSERT INTO thread (id, tenant_id, channel_id, conversation_id, member_id) VALUES ($1, $2, $3, $4, $5)`,
      [thread, TENANT, channel, conversation, member],
    );
    await this.stores.sql(
      'INSERT INTO session (id, tenant_id, thread_id, number) VALUES ($1, $2, $3, 1)',
      [session, TENANT, thread],
    );
    await this.stores.sql('UPDATE thread SET current_session_id = $2 WHERE id = $1', [
      thread,
      session,
    ]);
    const ids = { threadId: thread, sessionId: session, memberId: member };
    return { tenantId: TENANT, channelId: channel, ...ids };
  }

  /** A turn and its open delivery, in arrival order; active and owned by nobody unless told otherwise. */
  async aTurn(thread: ThreadRow, wish: TurnWish = {}): Promise<TurnRow> {
    const [turnId, deliveryId] = [newId(), newId()];
    this.seq += 1;
    const { state = 'active', wokenSecondsAgo = 0 } = wish;
    const outcome = wish.outcome ?? (state === 'generated' ? 'answered' : null);
    await this.stores.sql(
      `INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, seq, state, outcome, answer, locale,
                         owner, woken_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'en', $11, now() - $12 * interval '1 second')`,
      [
        ...[turnId, TENANT, thread.channelId, thread.threadId, thread.sessionId, thread.memberId],
        ...[this.seq, state, outcome, wish.answer ?? (outcome === 'answered' ? 'Noon.' : null)],
        ...[wish.owner ?? null, wokenSecondsAgo],
      ],
    );
    const { staffId = 'staff-1', kind = 'direct' } = wish;
    const target = { kind, conversationId: 'cid-1', staffId, name: 'Ada', robotCode: 'robot-1' };
    await this.stores.sql(
      `INSERT INTO delivery (id, tenant_id, channel_id, turn_id, locale, target, owner, woken_at)
       VALUES ($1, $2, $3, $4, 'en', $5, $6, now() - $7 * interval '1 second')`,
      [
        ...[deliveryId, TENANT, thread.channelId, turnId, JSON.stringify(target)],
        ...[wish.deliveryOwner ?? null, wokenSecondsAgo],
      ],
    );
    return { turnId, deliveryId };
  }

  /** A pending message, as the gateway's journal leaves it. The thread's row may not exist yet. */
  async anEvent(channelId: string, threadId: string, wish: EventWish = {}): Promise<string> {
    const id = wish.id ?? newId();
    const message = {
      ...anInboundMessage({
        messageId: id,
        ...(wish.text === undefined ? {} : { text: wish.text }),
      }),
      // The link is a secret and not part of the content; undefined leaves no trace in JSON.
      replyWebhook: undefined,
    };
    await this.stores.sql(
      `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, thread_id, platform_message_id, received_at, raw, content,
                                  woken_at)
       VALUES ($1, $2, $3, 'message', $4, $8, $5, '\\x00', $6, now() - $7 * interval '1 second')`,
      [
        ...[id, TENANT, channelId, threadId, wish.receivedAt ?? new Date()],
        ...[JSON.stringify(wish.content ?? message), wish.wokenSecondsAgo ?? 0, id],
      ],
    );
    return id;
  }

  /** A pending click or platform event, as the gateway's journal leaves it. */
  async aLooseEvent(
    channelId: string,
    kind: 'card_action' | 'event',
    content: object,
  ): Promise<string> {
    const id = newId();
    await this.stores.sql(
      `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, received_at, raw, content)
       VALUES ($1, $2, $3, $4, now(), '\\x00', $5)`,
      [id, TENANT, channelId, kind, JSON.stringify(content)],
    );
    return id;
  }

  /** A click of this person on the card of a delivery. */
  aClick(
    channelId: string,
    deliveryId: string,
    action: string,
    { userId = 'staff-1', params = {} }: { userId?: string; params?: object } = {},
  ): Promise<string> {
    return this.aLooseEvent(channelId, 'card_action', {
      outTrackId: deliveryId,
      actionId: action,
      action,
      params,
      userId,
      corpId: 'dingcorp',
      spaceId: null,
      spaceType: null,
    });
  }

  /** A notice of a card with a button, and its recipient: sent, unless told otherwise. */
  async aNotice(
    channelId: string,
    wish: {
      kind?: 'person' | 'group';
      address?: string;
      wakeSecondsAgo?: number;
      owner?: string;
    } = {},
  ): Promise<{ readonly noticeId: string; readonly recipientId: string }> {
    const [noticeId, recipientId] = [newId(), newId()];
    const { kind = 'person', address = 'staff-1', wakeSecondsAgo, owner = null } = wish;
    const buttons = [{ id: 'yes', label: 'Yes', color: 'blue' }];
    const content = { title: '', text: 'Soup?', buttons, isAiGenerated: false };
    await this.stores.sql(
      `INSERT INTO notice (id, tenant_id, channel_id, request_hash, kind, content, send_at, todo, owner, wake_at)
       VALUES ($1, $2, $3, '', 'card', $4, now(), $5, $6, now() - COALESCE($7, 0) * interval '1 second')`,
      [
        ...[noticeId, TENANT, channelId, JSON.stringify(content)],
        ...[wakeSecondsAgo !== undefined, owner, wakeSecondsAgo ?? null],
      ],
    );
    await this.stores.sql(
      `INSERT INTO notice_recipient (id, tenant_id, notice_id, n, kind, address, state) VALUES ($1, $2, $3, 1, $4, $5, 'sent')`,
      [recipientId, TENANT, noticeId, kind, address],
    );
    return { noticeId, recipientId };
  }

  /** A process that was last seen so long ago (a lease lasts 6 s). */
  async aProcess(seenSecondsAgo = 0): Promise<string> {
    const id = newId();
    await this.stores.sql(
      `INSERT INTO incarnation (id, service, host, pid, seen_at) VALUES ($1, 'spec', 'spec', 1, now() - $2 * interval '1 second')`,
      [id, seenSecondsAgo],
    );
    return id;
  }
}
