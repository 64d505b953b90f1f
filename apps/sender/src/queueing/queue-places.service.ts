import { Injectable } from '@nestjs/common';

import { type DeliveryJob, deliveryQueue, type JobProducer } from '@common/contracts';
import { say } from '@common/domain';
import { Clock, newId, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';
import { InjectProducer } from '@common/queue';

import { CardShow } from '../card/card-show.service';
import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { DeliveriesInHand } from '../delivery/deliveries-in-hand';
import { DeliveryRepository } from '../delivery/delivery.repository';
import { TextLadder } from '../text/text-ladder.service';
import { UndeliverableError } from '../text/undeliverable.error';
import { type QueuedDelivery, QueuedDeliveryRepository } from './queued-delivery.repository';

const LOOK_EVERY_MS = 2_000;
const BATCH = 20;
/** Of the message among those before the answer: an agent's questions, from 1 on, do not come so far. */
const PLACE_NUMBER = 1_000;

/**
 * Tells people who wait behind others their place: the card of the answer comes early and says so. It is the card that
 * the answer will be shown in, so that it costs no further call. Without cards a short message says it, once.
 *
 * Safe to run twice: the delivery is claimed like any other, which takes it off the list; the message is a row of its own.
 */
@Injectable()
export class QueuePlaces {
  private readonly rounds: Periodic;

  constructor(
    private readonly queued: QueuedDeliveryRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly inHand: DeliveriesInHand,
    private readonly cards: CardShow,
    private readonly texts: TextLadder,
    @InjectProducer(deliveryQueue) private readonly jobs: JobProducer<DeliveryJob>,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    this.rounds = new Periodic((signal) => this.look(signal), {
      everyMs: LOOK_EVERY_MS,
      clock,
      onError: (error) => logger.debug('queue places not told', { error }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** One round. @param signal aborted when the sender is to stop: nobody waits for the budget then */
  async look(signal: AbortSignal): Promise<void> {
    const waiting = await this.queued.waiting(BATCH);
    const told = await Promise.allSettled(waiting.map((one) => this.tell(one, signal)));
    const failed = told.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  private async tell(
    { tenantId, id, place }: QueuedDelivery,
    stopping: AbortSignal,
  ): Promise<void> {
    if (this.inHand.has(id)) return;
    const signal = AbortSignal.any([this.inHand.take(id), stopping]);
    try {
      const delivery = await this.deliveries.claim(tenantId, id, signal);
      if (!delivery) return;
      try {
        const text = say('queuePlace', delivery.locale, { n: String(place) });
        await this.say(delivery, text);
      } finally {
        await this.giveBack(tenantId, id, await this.deliveries.release(delivery));
      }
    } finally {
      this.inHand.put(id);
    }
  }

  private async say(delivery: ClaimedDelivery, text: string): Promise<void> {
    const meansCard = delivery.cardState === 'creating';
    if (delivery.asText) {
      // The claim's intent is taken back: to the next one it would look like a card of unknown outcome.
      if (meansCard) await this.deliveries.setCardState(delivery, 'refused');
    } else if (meansCard) await this.cards.create(delivery, text);
    else if (delivery.cardState === null) await this.asMessage(delivery, text);
  }

  private async asMessage(delivery: ClaimedDelivery, text: string): Promise<void> {
    // A card is needed anyway; a message just before the answer helps nobody.
    if (!(await this.queued.isStillQueued(delivery.tenantId, delivery.id))) return;
    try {
      await this.texts.sayBefore(delivery, text, PLACE_NUMBER);
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error;
      this.logger.info('place not told', { deliveryId: delivery.id, code: error.code });
    }
  }

  /** The turn's own job found us holding the delivery, if its time came just now. */
  private async giveBack(tenantId: string, deliveryId: string, wake: number | null): Promise<void> {
    if (wake === null || (await this.queued.isStillQueued(tenantId, deliveryId))) return;
    await this.jobs.enqueue({ version: 1, tenantId, correlationId: newId(), deliveryId, wake });
  }
}
