import { Injectable } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { EndpointRoutes } from '@common/dingtalk';

import { CallbackDirectory } from './callbacks/callback-directory.service';
import { CallbackDoor } from './callbacks/callback-door.service';
import { AckTimes } from './intake/ack-times.service';
import { SpillDrain } from './intake/spill-drain.service';
import { ChannelSpread } from './ownership/channel-spread.service';
import { SecretTrials } from './secrets/secret-trials.service';

/** Connects; at the end hands its channels over and lets acknowledgements in flight go out. */
@Injectable()
export class GatewayLife extends ServiceLife {
  constructor(
    private readonly spread: ChannelSpread,
    private readonly callbacks: CallbackDirectory,
    private readonly door: CallbackDoor,
    private readonly trials: SecretTrials,
    private readonly drain: SpillDrain,
    private readonly routes: EndpointRoutes,
    private readonly ackTimes: AckTimes,
  ) {
    super();
  }

  async start(): Promise<void> {
    await this.drain.start();
    this.callbacks.start();
    this.spread.start();
    this.trials.start();
    this.ackTimes.start();
  }

  async stopIntake(): Promise<void> {
    await this.trials.stop();
    await Promise.all([this.spread.leave(), this.door.close(), this.callbacks.stop()]);
  }

  async finish(): Promise<void> {
    await Promise.all([this.drain.stop(), this.routes.close(), this.ackTimes.stop()]);
  }
}
