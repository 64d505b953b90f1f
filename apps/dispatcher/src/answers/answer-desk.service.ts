import { Injectable } from '@nestjs/common';

import { decideToolCall, type Tx } from '@common/persistence';

import { judgeCommand } from '../asking/access-gate';
import type { Asker } from '../asking/asker';
import { AskersRepository } from '../asking/askers.repository';
import { Refusals } from '../asking/refusals.service';
import type { Aftermath } from '../inbound/follow-up.service';
import type { LaneEvent } from '../inbound/lane-event';
import { ThreadLaneRepository } from '../inbound/thread-lane.repository';
import { OpenTurnsRepository } from '../turns/open-turns.repository';

/** Takes a message for the answer to what an agent asked its writer: where there is no button, people just reply. */
@Injectable()
export class AnswerDesk {
  constructor(
    private readonly turns: OpenTurnsRepository,
    private readonly askers: AskersRepository,
    private readonly refusals: Refusals,
    private readonly lane: ThreadLaneRepository,
  ) {}

  /** Null: nothing is asked of them, or this is no answer to it. */
  async take(event: LaneEvent, asker: Asker, tx: Tx): Promise<Aftermath | null> {
    if (!event.thread.isAsked) return null;
    const { tenantId, threadId, message } = event;
    const open = await this.turns.ofThread(tx, tenantId, threadId, asker.memberId);
    const waiting = open.find(({ state }) => state === 'waiting');
    if (!waiting) return null;
    const refused = judgeCommand(event, asker, null);
    if (refused) return this.refusals.refuse(event, asker, refused, tx);
    const work = await decideToolCall(tx, tenantId, waiting.id, { words: message.text });
    if (!work) return null;
    await this.askers.take(tx, event, asker.memberId, 'command');
    await this.lane.close(tx, tenantId, event.id, 'answer_to_agent', waiting.id);
    return { works: [work] };
  }
}
