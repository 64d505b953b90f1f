import { Injectable } from '@nestjs/common';

import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';

import { NoticeRepository } from '../notices/notice.repository';
import { DeliveriesInHand } from './deliveries-in-hand';
import { DeliveryRepository } from './delivery.repository';

const LOOK_EVERY_MS = 15_000;

/** Gives back deliveries and notices that are ours by their row but that nothing here works on: the sweeper wakes no living owner's. */
@Injectable()
export class StrayWatch {
  private readonly rounds: Periodic;

  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly notices: NoticeRepository,
    private readonly inHand: DeliveriesInHand,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    this.rounds = new Periodic(() => this.look(), {
      everyMs: LOOK_EVERY_MS,
      clock,
      onError: (error) => logger.debug('strays not looked for', { error }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async look(): Promise<void> {
    const deliveryIds = await this.deliveries.releaseStrays(this.inHand.ids);
    if (deliveryIds.length > 0)
      this.logger.error('deliveries in nobody’s hands given back', { deliveryIds });
    const noticeIds = await this.notices.releaseStrays(this.inHand.ids);
    if (noticeIds.length > 0)
      this.logger.error('notices in nobody’s hands given back', { noticeIds });
  }
}
