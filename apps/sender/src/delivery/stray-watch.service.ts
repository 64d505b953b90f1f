import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import { DeliveriesInHand } from './deliveries-in-hand';
import { DeliveryRepository } from './delivery.repository';

const LOOK_EVERY_MS = 15_000;

/** Gives back deliveries that are ours by their row but that nothing here works on: the sweeper wakes no living owner's. */
@Injectable()
export class StrayWatch {
  private readonly stopping = new AbortController();

  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly inHand: DeliveriesInHand,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    void this.loop();
  }

  stop(): void {
    this.stopping.abort();
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.clock.sleep(LOOK_EVERY_MS, this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      try {
        const ids = await this.deliveries.releaseStrays(this.inHand.ids);
        if (ids.length > 0)
          this.logger.error('deliveries in nobody’s hands given back', { deliveryIds: ids });
      } catch (error) {
        this.logger.debug('strays not looked for', { error });
      }
    }
  }
}
