import { Injectable } from '@nestjs/common';

import { derivedId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { LaneEvent } from '../inbound/lane-event';
import { picked } from '../routing/numbered-list';
import { SessionRepository, type SessionView } from './session.repository';

export interface CurrentSession {
  readonly id: string;
  /** A conversation was there before, but too long ago: the person is told. */
  readonly followsIdleOne: boolean;
}

/**
 * The contexts of a thread: one is current; `/new` and idle expiry start the next, `/switch` goes back to one. History
 * stays. A session never leaves its thread, so context never crosses people, groups or bots (P6).
 */
@Injectable()
export class SessionBook {
  constructor(private readonly rows: SessionRepository) {}

  async current(event: LaneEvent, tx: Tx): Promise<CurrentSession> {
    const { session } = event.thread;
    const idleMs = event.channel.idleMinutes * 60_000;
    if (session && event.receivedAt.getTime() - session.lastActivityAt.getTime() < idleMs)
      return { id: session.id, followsIdleOne: false };
    const { id } = await this.startNew(event, tx);
    return { id, followsIdleOne: session !== null };
  }

  /** The id is derived from thread and number: a second run starts the same session. */
  async startNew(
    event: LaneEvent,
    tx: Tx,
    title: string | null = null,
  ): Promise<{ readonly id: string }> {
    const { threadId } = event;
    const number = (await this.rows.highestNumber(tx, threadId)) + 1;
    const id = derivedId('session', threadId, String(number));
    await this.rows.insert(tx, event, { id, number, title });
    await this.rows.makeCurrent(tx, event, id);
    return { id };
  }

  /** Newest activity first. */
  newest(event: LaneEvent, tx: Tx): Promise<SessionView[]> {
    return this.rows.newest(tx, event.tenantId, event.threadId);
  }

  /** @param wanted the session's number or its name; @returns null when this thread has no such session */
  async switchTo(event: LaneEvent, wanted: string, tx: Tx): Promise<SessionView | null> {
    const session = /^\d{1,9}$/.test(wanted)
      ? await this.rows.byNumber(tx, event.tenantId, event.threadId, Number(wanted))
      : picked(await named(this.newest(event, tx)), wanted);
    if (session) await this.rows.makeCurrent(tx, event, session.id);
    return session;
  }

  /** Names the current session; where there is none, one begins. */
  async rename(event: LaneEvent, title: string, tx: Tx): Promise<void> {
    const { session } = event.thread;
    if (session) await this.rows.rename(tx, event.tenantId, session.id, title);
    else await this.startNew(event, tx, title);
  }
}

const named = async (
  sessions: Promise<SessionView[]>,
): Promise<(SessionView & { readonly name: string })[]> =>
  (await sessions).map((session) => ({ ...session, name: session.title ?? '' }));
