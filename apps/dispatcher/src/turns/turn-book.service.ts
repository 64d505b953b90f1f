import { Injectable } from '@nestjs/common';

import { derivedId } from '@common/kernel';
import { activateNext, askTurnToStop, type Tx } from '@common/persistence';

import type { Asker } from '../asking/asker';
import { targetOf } from '../inbound/delivery-target';
import type { Aftermath } from '../inbound/follow-up.service';
import type { LaneEvent } from '../inbound/lane-event';
import type { Route } from '../routing/route';
import { OpenTurnsRepository } from './open-turns.repository';
import { type QuestionContent, type TurnPlace, TurnRepository } from './turn.repository';

/**
 * Opens turns, or adds to one that waits. One message is in exactly one turn (P2): a turn's id is derived from its first
 * message, and each message is closed by the statement that puts it there.
 */
@Injectable()
export class TurnBook {
  constructor(
    private readonly rows: TurnRepository,
    private readonly open: OpenTurnsRepository,
  ) {}

  /** Where the question belongs by the channel's busy policy: a turn of its own, or one that waits for the same answer. */
  async place(event: LaneEvent, asker: Asker, sessionId: string, tx: Tx): Promise<TurnPlace> {
    if (event.channel.busy === 'queue') return { kind: 'own' };
    return this.rows.waitingTurn(tx, event, asker.memberId, sessionId);
  }

  async ask(
    event: LaneEvent,
    asker: Asker,
    question: {
      readonly sessionId: string;
      readonly route: Route;
      readonly place: TurnPlace;
      readonly content: QuestionContent;
    },
    tx: Tx,
  ): Promise<Aftermath> {
    const stoppedTurnIds = await this.steer(event, asker, tx);
    const { place, content, sessionId, route } = question;
    if (place.kind === 'waiting') {
      const { turnId } = place;
      const files = await this.rows.add(tx, event, { ...content, sessionId, turnId });
      return { stoppedTurnIds, files };
    }
    const turn = {
      turnId: derivedId('turn', event.id),
      sessionId,
      memberId: asker.memberId,
      route,
    };
    const { work, files } = await this.rows.open(tx, event, { ...content, ...turn });
    // One that waits may still be the first: of a thread in which nothing is open although something waits.
    const works = [work ?? (await activateNext(tx, event.tenantId, event.threadId))];
    return { stoppedTurnIds, works, files };
  }

  /** A turn that answers this event goes to where the event came from. */
  async answerTo(event: LaneEvent, turnId: string, tx: Tx): Promise<void> {
    await this.rows.redirect(tx, event, turnId, targetOf(event));
  }

  /** `steer`: the person's running answer ends where it is, and the next one starts when that end is visible. */
  private async steer(event: LaneEvent, asker: Asker, tx: Tx): Promise<string[]> {
    if (event.channel.busy !== 'steer') return [];
    const { tenantId, threadId } = event;
    const stopped: string[] = [];
    for (const turn of await this.open.ofThread(tx, tenantId, threadId, asker.memberId)) {
      const isUnderWay = turn.state === 'active' || turn.state === 'waiting';
      if (isUnderWay && (await askTurnToStop(tx, tenantId, turn.id, 'steer')))
        stopped.push(turn.id);
    }
    return stopped;
  }
}
