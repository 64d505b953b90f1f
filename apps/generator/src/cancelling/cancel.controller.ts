import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

import { TurnsInHand } from './turns-in-hand';

/** Hears that a turn is to be stopped. The row says so too, and the watch reads it within a second. */
@Controller()
export class CancelController {
  constructor(private readonly inHand: TurnsInHand) {}

  @EventPattern('turn.cancel')
  cancel(@Payload() { turnId }: { turnId: string }): void {
    this.inHand.interrupt(turnId, 'cancelled');
  }
}
