import { Injectable } from '@nestjs/common';

import { type DeliveryJob, deliveryQueue, type JobProducer } from '@common/contracts';
import { say } from '@common/domain';
import { Clock, newId, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';
import { InjectProducer } from '@common/queue';

import { CardShow } from '../card/card-show.service';
import { DeliveriesInHand } from '../delivery/deliveries-in-hand';
import { DeliveryRepository } from '../delivery/delivery.repository';
import { type QueuedDelivery, QueuedDeliveryRepository } from './queued-delivery.repository';

const LOOK_EVERY_MS = 2_000;
const BATCH = 20;

/**
 * Tells people who wait behind others their place: the card of the answer comes early and says so. It is the card that
 * the answer will be shown in, so that it costs no further call. Safe to run twice: the delivery is claimed like any other.
 */
@Injectable()
export class QueuePlaces {
  private readonly rounds: Periodic;

  constructor(
    private readonly queued: QueuedDeliveryRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly inHand: DeliveriesInHand,
    private readonly cards: CardShow,
    @InjectProducer(deliveryQueue) private readonly jobs: JobProducer<DeliveryJob>,
    clock: Clock,
    logger: Logger,
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
        if (delivery.cardState === 'creating') {
          // The claim's intent is taken back: to the next one it would look like a card of unknown outcome.
          if (delivery.asText) await this.deliveries.setCardState(delivery, 'refused');
          else await this.cards.create(delivery, text);
        }
      } finally {
        await this.giveBack(tenantId, id, await this.deliveries.release(delivery));
      }
    } finally {
      this.inHand.put(id);
    }
  }

  /** The turn's own job found us holding the delivery, if its time came just now. */
  private async giveBack(tenantId: string, deliveryId: string, wake: number | null): Promise<void> {
    if (wake === null || (await this.queued.isStillQueued(tenantId, deliveryId))) return;
    await this.jobs.enqueue({ version: 1, tenantId, correlationId: newId(), deliveryId, wake });
  }
}
