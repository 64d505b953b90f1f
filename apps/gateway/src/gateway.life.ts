import { Injectable } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';

import { ConnectionKeeper } from './connections/connection-keeper.service';
import { SpillDrain } from './intake/spill-drain.service';

/** Connects; at the end takes nothing new in and lets acknowledgements in flight go out. */
@Injectable()
export class GatewayLife extends ServiceLife {
  constructor(
    private readonly keeper: ConnectionKeeper,
    private readonly drain: SpillDrain,
  ) {
    super();
  }

  async start(): Promise<void> {
    await this.drain.start();
    this.keeper.start();
  }

  stopIntake(): Promise<void> {
    return this.keeper.stop();
  }

  finish(): Promise<void> {
    return this.drain.stop();
  }
}
