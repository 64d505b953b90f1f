import { Injectable } from '@nestjs/common';

import { type DeliveryJob } from '@common/contracts';
import { MAX_ATTEMPTS } from '@common/domain';
import { codeOf } from '@common/kernel';
import { Logger } from '@common/logging';

import { UsageLedger } from '../allowance/usage-ledger.service';
import { HandedOver } from '../card/words-on-card.service';
import { LeaseLostError } from '../platform/lease';
import { Reactions } from '../reaction/reactions.service';
import { messagePieces } from '../text/answer-pieces';
import { TextLadder } from '../text/text-ladder.service';
import { UndeliverableError } from '../text/undeliverable.error';
import { AnswerDelivery } from './answer-delivery.service';
import type { ClaimedDelivery, DeliveryEnd } from './claimed-delivery';
import { DeliveriesInHand } from './deliveries-in-hand';
import { DeliveryRepository } from './delivery.repository';
import { Handover } from './handover.service';

/**
 * Makes one answer visible, then ends its turn: claim → show (card, or text) → end, which activates the thread's next turn.
 *
 * Running it twice does no harm: one living process holds the claim; a card is named by the delivery and its final frame
 * by its guid, so repeating them changes nothing; text pieces are rows that say whether they were sent. A reaction on the
 * question goes beside it, and nothing waits for it.
 */
@Injectable()
export class DeliveryPipeline {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly answers: AnswerDelivery,
    private readonly texts: TextLadder,
    private readonly reactions: Reactions,
    private readonly inHand: DeliveriesInHand,
    private readonly handover: Handover,
    private readonly ledger: UsageLedger,
    private readonly logger: Logger,
  ) {}

  async run(job: DeliveryJob): Promise<void> {
    if (this.inHand.has(job.deliveryId)) return;
    const signal = this.inHand.take(job.deliveryId);
    let lost: ClaimedDelivery | null = null;
    try {
      const delivery = await this.deliveries.claim(job.tenantId, job.deliveryId, signal);
      if (delivery) lost = await this.deliver(delivery, job);
    } finally {
      this.inHand.put(job.deliveryId);
    }
    // Nobody need have taken it: as long as the row names us, who are alive, nobody else would. Not before it is out of
    // our hands, for we may be the one who goes on with it.
    if (lost) await this.handover.giveBack(lost, job);
  }

  /** @returns the delivery when our lease on it may be over, so that it must be claimed again */
  private async deliver(
    delivery: ClaimedDelivery,
    job: DeliveryJob,
  ): Promise<ClaimedDelivery | null> {
    const reaction = this.reactions.begin(delivery);
    try {
      const end = await this.show(delivery);
      const next = await this.deliveries.end(delivery, end);
      if (next) reaction.takeAway();
      this.logger.info(next ? 'reply finished' : 'delivery was taken over', {
        deliveryId: delivery.id,
        turnId: delivery.turn?.id,
        attempt: delivery.attempt,
        way: end.way,
        code: end.error?.code ?? end.state,
      });
      if (next && end.state === 'delivered' && delivery.turn)
        this.ledger.count(delivery.caller, 'answers');
      if (next) await this.handover.wakeNext(job, next);
    } catch (error) {
      if (error instanceof LeaseLostError) {
        this.logger.warn('delivery lost', { deliveryId: delivery.id });
        return delivery;
      }
      if (!(error instanceof HandedOver) && !delivery.caller.signal.aborted)
        await this.handover.letGo(delivery, error);
      else await this.handover.giveBack(delivery, job);
    } finally {
      reaction.leave();
    }
    return null;
  }

  private async show(delivery: ClaimedDelivery): Promise<DeliveryEnd> {
    try {
      if (delivery.turn) return await this.answers.show(delivery, delivery.turn);
      if (delivery.attempt > MAX_ATTEMPTS) throw new UndeliverableError('attempts_exhausted');
      const way = await this.texts.send(delivery, messagePieces(delivery.text ?? ''));
      return { state: 'delivered', way: way ?? 'robot', cardState: null, error: null };
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error;
      this.logger.error('reply undelivered', {
        deliveryId: delivery.id,
        channelId: delivery.channelId,
        code: error.code,
        error,
      });
      return {
        state: 'undelivered',
        way: null,
        cardState: null,
        error: { code: codeOf(error), message: error.message },
      };
    }
  }
}
