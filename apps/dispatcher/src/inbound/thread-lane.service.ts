import { Injectable } from '@nestjs/common';

import { referenceOf, say } from '@common/domain';
import { codeOf, derivedId, KeyedBatches } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database, isPassingFailure, type Tx } from '@common/persistence';

import { NotIntroducedError } from '../mapping/mapping.errors';
import { MemberResolver } from '../mapping/member-resolver.service';
import type { LaneEvent } from './lane-event';

import { PlainReplies } from './plain-replies.service';
import { type Origin, ThreadLaneRepository } from './thread-lane.repository';

/** After so many failures of one event the thread goes on without it. */
const FAILURES_UNTIL_QUARANTINE = 5;

export interface LaneJob {
  readonly tenantId: string;
  readonly threadId: string;
  /** The message that the job is about: it founds the thread when there is none yet. */
  readonly eventId: string;
}

/** Where order is kept (P3): the events of one thread, one at a time, under its row lock. */
@Injectable()
export class ThreadLane {
  /** Threads that this process drains right now. */
  private readonly held = new Map<string, { hasMore: boolean }>();
  /** What is asked while others wait for their answer is asked together. */
  private readonly origins = new KeyedBatches<string, Origin | null>(
    (tenantId, eventIds) => {
      // A single statement: one round trip.
      const alone: Tx = {
        query: (text, values) => this.database.inTenantOnce(tenantId, text, values),
      };
      return this.rows.origins(alone, tenantId, eventIds);
    },
    { width: 1, most: 100, isOfAll: isPassingFailure },
  );

  constructor(
    private readonly database: Database,
    private readonly rows: ThreadLaneRepository,
    private readonly members: MemberResolver,
    private readonly replies: PlainReplies,
    private readonly logger: Logger,
  ) {}

  /** Where a message belongs; null when there is no such event. */
  origin(tenantId: string, eventId: string): Promise<Origin | null> {
    return this.origins.add(tenantId, eventId);
  }

  /**
   * Drains a thread: every unprocessed message, oldest first, each in one transaction with its effect. A thread that this
   * process drains already is only told that there is more: somebody's flood holds one worker, not all of them.
   * @returns what each effect left to do after its commit, through `afterCommit`
   */
  async drain<T>(
    job: LaneJob,
    effect: (event: LaneEvent, tx: Tx) => Promise<T>,
    afterCommit: (left: T) => Promise<void>,
  ): Promise<void> {
    const held = this.held.get(job.threadId);
    if (held) {
      held.hasMore = true;
      return;
    }
    const hold = { hasMore: true };
    this.held.set(job.threadId, hold);
    try {
      while (hold.hasMore) {
        hold.hasMore = false;
        await this.empty(job, effect, afterCommit);
      }
    } finally {
      this.held.delete(job.threadId);
    }
  }

  private async empty<T>(
    { tenantId, threadId, eventId }: LaneJob,
    effect: (event: LaneEvent, tx: Tx) => Promise<T>,
    afterCommit: (left: T) => Promise<void>,
  ): Promise<void> {
    let hasMore = true;
    while (hasMore) {
      const left = await this.step(tenantId, threadId, eventId, effect);
      if (left === null) return;
      await afterCommit(left.value);
      // Seen under the lock. What has come since has its own job, which waits for the lock or finds this thread held.
      hasMore = left.hasMore;
    }
  }

  private async step<T>(
    tenantId: string,
    threadId: string,
    eventId: string,
    effect: (event: LaneEvent, tx: Tx) => Promise<T>,
  ): Promise<{ value: T; hasMore: boolean } | null> {
    try {
      return await this.database.inTenant(tenantId, async (tx) => {
        const event = await this.next(tx, tenantId, threadId, eventId);
        return event ? { value: await effect(event, tx), hasMore: event.hasMore } : null;
      });
    } catch (error) {
      // Its own job looks the sender up, and drains the thread then.
      if (error instanceof NotIntroducedError) return null;
      if (!isPassingFailure(error)) await this.blame(tenantId, threadId, error);
      throw error;
    }
  }

  private async next(
    tx: Tx,
    tenantId: string,
    threadId: string,
    eventId: string,
  ): Promise<LaneEvent | null> {
    const known = await this.rows.next(tx, tenantId, threadId);
    if (known) return known.event;
    await this.found(tx, tenantId, threadId, eventId);
    return (await this.rows.next(tx, tenantId, threadId))?.event ?? null;
  }

  /** Makes the thread of which nobody has heard yet, as its first event says. */
  private async found(tx: Tx, tenantId: string, threadId: string, eventId: string): Promise<void> {
    const founder = await this.rows.founder(tx, tenantId, eventId);
    if (!founder) return;
    const { channelId, mapping, scope, message } = founder;
    const memberId =
      scope === 'group'
        ? null
        : await this.members.resolve(tx, tenantId, { id: channelId, mapping }, message.sender);
    const conversationId = derivedId('conversation', channelId, message.conversation.id);
    const { conversation } = message;
    await this.rows.create(tx, {
      tenantId,
      threadId,
      channelId,
      conversationId,
      conversation,
      memberId,
    });
    if (message.corpId) await this.rows.learnOrganization(tx, tenantId, channelId, message.corpId);
  }

  /** One event that cannot be processed must not stop its thread for ever (P10), and its asker is told (P4). */
  private async blame(tenantId: string, threadId: string, error: unknown): Promise<void> {
    this.logger.error('event not processed', { threadId, code: codeOf(error), error });
    const setAside = await this.database.inTenant(tenantId, async (tx) => {
      const next = await this.rows.next(tx, tenantId, threadId);
      const limit = FAILURES_UNTIL_QUARANTINE;
      const isOver = await this.rows.blame(tx, tenantId, threadId, codeOf(error), limit);
      return isOver ? next?.event : null;
    });
    if (setAside) await this.apologise(setAside);
  }

  /** A transaction of its own: an apology that fails must not bring the event back. The sweeper wakes the delivery. */
  private async apologise(event: LaneEvent): Promise<void> {
    const sentence = say('answerFailed', event.channel.locale, { ref: referenceOf(event.id) });
    try {
      await this.database.inTenant(event.tenantId, (tx) =>
        this.replies.reply(event, 'quarantined', sentence, tx),
      );
    } catch (error) {
      this.logger.error('asker not told', { eventId: event.id, error });
    }
  }
}
