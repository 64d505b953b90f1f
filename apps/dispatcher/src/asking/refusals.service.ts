import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { Aftermath } from '../inbound/follow-up.service';
import type { LaneEvent } from '../inbound/lane-event';
import { PlainReplies } from '../inbound/plain-replies.service';
import { ThreadLaneRepository } from '../inbound/thread-lane.repository';
import type { Refusal } from './access-gate';
import type { Asker } from './asker';
import { AskersRepository } from './askers.repository';

/** Says no politely, at most once a minute to one person; the event keeps the cause either way. */
@Injectable()
export class Refusals {
  constructor(
    private readonly askers: AskersRepository,
    private readonly replies: PlainReplies,
    private readonly lane: ThreadLaneRepository,
  ) {}

  async refuse(event: LaneEvent, asker: Asker, refusal: Refusal, tx: Tx): Promise<Aftermath> {
    if (refusal.asksForApproval) await this.askers.askForApproval(tx, event, asker.memberId);
    if (await this.askers.mayBeRefused(tx, event, asker.memberId))
      return { works: [await this.replies.reply(event, refusal.key, refusal.text, tx)] };
    await this.lane.close(tx, event.tenantId, event.id, refusal.key);
    // Others of a group, or a command, would wait behind a rest.
    if (refusal.key !== 'queueFull' || event.thread.memberId === null) return {};
    // The queue is full for whatever waits with it, as long as no command comes in between.
    await this.lane.closeBacklog(tx, event.tenantId, event.threadId, refusal.key);
    return { isFlood: true };
  }
}
