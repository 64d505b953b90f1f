import type { InboundMessage } from '@common/domain';
import { anId, anInboundMessage, aSender, type OwnStores, type Rows } from '@common/testing';

import type { SpecDispatcher } from './dispatcher.fixture';

interface World {
  readonly stores: OwnStores;
  readonly rows: Rows;
  readonly dispatcher: SpecDispatcher;
}
interface Seat {
  readonly staffId?: string;
  /** A conversation id: a group. Unset: a direct chat. */
  readonly group?: string;
  /** Whether the channel's scope is the group. */
  readonly shared?: boolean;
}

/** What a message came to. */
export interface Heard {
  readonly eventId: string;
  readonly cause: string;
  /** The plain reply, '' when there was none. */
  readonly said: string;
  readonly turnId: string | null;
}

let clockMs = Date.UTC(2025, 0, 1, 10);
let people = 0;

/** Somebody in a chat with a channel; what they say is journaled and dispatched at once. */
export class Talker {
  readonly threadId: string;
  readonly staffId: string;

  constructor(
    private readonly world: World,
    readonly channelId: string,
    private readonly seat: Seat = {},
  ) {
    this.staffId = seat.staffId ?? `staff-${(people += 1)}`;
    const person = seat.shared ? '' : this.staffId;
    this.threadId = anId(`thread ${channelId} ${seat.group ?? this.staffId} ${person}`);
  }

  async say(text: string, more: Partial<InboundMessage> = {}): Promise<Heard> {
    const eventId = await this.write(text, more);
    await this.world.dispatcher.run(eventId);
    return this.heard(eventId);
  }

  /** Only journaled. */
  write(text: string, more: Partial<InboundMessage> = {}): Promise<string> {
    clockMs += 1_000;
    const { group } = this.seat;
    const message = anInboundMessage({
      messageId: anId(`message ${clockMs}`),
      text,
      sender: aSender({ staffId: this.staffId, name: `Person ${this.staffId}` }),
      conversation: group
        ? { id: group, kind: 'group', title: 'Group' }
        : { id: `cid-${this.staffId}`, kind: 'direct', title: null },
      ...more,
    });
    return this.world.rows.anEvent(this.channelId, this.threadId, {
      content: { ...message, replyWebhook: undefined },
      receivedAt: new Date(clockMs),
    });
  }

  async heard(eventId: string): Promise<Heard> {
    const row = await this.world.stores.one<{
      cause: string;
      said: string | null;
      turn_id: string | null;
    }>(
      `SELECT e.cause, e.turn_id, d.text AS said FROM inbound_event e LEFT JOIN delivery d ON d.event_id = e.id
        WHERE e.id = $1`,
      [eventId],
    );
    return { eventId, cause: row.cause, said: row.said ?? '', turnId: row.turn_id };
  }

  /** What was asked here, in order, with the state of each turn and how it stands. */
  async turns(): Promise<
    { id: string; state: string; words: string; session: number; stopping: boolean }[]
  > {
    return this.world.stores.sql(
      `SELECT t.id, t.state, m.text AS words, s.number AS session, t.cancel_requested_at IS NOT NULL AS stopping
         FROM turn t JOIN session s ON s.id = t.session_id
         JOIN message m ON m.turn_id = t.id AND m.role = 'user' WHERE t.thread_id = $1 ORDER BY t.seq`,
      [this.threadId],
    );
  }

  async memberId(): Promise<string> {
    const row = await this.world.stores.one<{ member_id: string }>(
      'SELECT member_id FROM identity WHERE value = $1',
      [this.staffId],
    );
    return row.member_id;
  }

  /** The running turn gets its answer, seen by the person. */
  async answered(): Promise<void> {
    const { stores } = this.world;
    const { id } = await stores.one<{ id: string }>(
      `UPDATE turn SET state = 'delivered', outcome = 'answered', answer = 'Noon.', ended_at = now()
        WHERE thread_id = $1 AND state = 'active' RETURNING id`,
      [this.threadId],
    );
    await stores.sql(
      `UPDATE delivery SET state = 'delivered', ended_at = now() WHERE turn_id = $1`,
      [id],
    );
    await stores.sql('SELECT * FROM activate_next_turn($1, $2)', [
      this.world.rows.tenantId,
      this.threadId,
    ]);
  }
}
