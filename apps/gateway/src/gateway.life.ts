import { Injectable } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';

import { ConnectionKeeper } from './connections/connection-keeper.service';

/** Connects; at the end takes nothing new in and lets acknowledgements in flight go out. */
@Injectable()
export class GatewayLife extends ServiceLife {
  constructor(private readonly keeper: ConnectionKeeper) {
    super();
  }

  start(): Promise<void> {
    this.keeper.start();
    return Promise.resolve();
  }

  stopIntake(): Promise<void> {
    return this.keeper.stop();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }
}
