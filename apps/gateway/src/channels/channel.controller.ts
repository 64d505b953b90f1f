import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

import { CallbackDirectory } from '../callbacks/callback-directory.service';
import { ChannelSpread } from '../ownership/channel-spread.service';
import { LeaseRounds } from '../ownership/lease-rounds.service';
import { SecretTrials } from '../secrets/secret-trials.service';
import { ChannelRoster } from './channel-roster.service';

/** News of the control plane; without them gateways find out at the next look (2 s, 15 s). */
@Controller()
export class ChannelController {
  constructor(
    private readonly roster: ChannelRoster,
    private readonly spread: ChannelSpread,
    private readonly leases: LeaseRounds,
    private readonly callbacks: CallbackDirectory,
    private readonly trials: SecretTrials,
  ) {}

  @EventPattern('channel.changed')
  async changed(@Payload() { channelId }: { channelId: string }): Promise<void> {
    this.roster.readSoon();
    this.trials.soon();
    await this.callbacks.heard(channelId);
  }

  @EventPattern('channel.restart')
  async restart(@Payload() { channelId }: { channelId: string }): Promise<void> {
    await this.spread.restart(channelId);
  }

  @EventPattern('gateway.changed')
  gatewayChanged(): void {
    this.leases.soon();
  }
}
