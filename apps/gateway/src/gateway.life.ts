import { Injectable } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';

import { SpillDrain } from './intake/spill-drain.service';
import { ChannelSpread } from './ownership/channel-spread.service';

/** Connects; at the end hands its channels over and lets acknowledgements in flight go out. */
@Injectable()
export class GatewayLife extends ServiceLife {
  constructor(
    private readonly spread: ChannelSpread,
    private readonly drain: SpillDrain,
  ) {
    super();
  }

  async start(): Promise<void> {
    await this.drain.start();
    this.spread.start();
  }

  stopIntake(): Promise<void> {
    return this.spread.leave();
  }

  finish(): Promise<void> {
    return this.drain.stop();
  }
}
