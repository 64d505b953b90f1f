import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

import { ConnectionKeeper } from '../connections/connection-keeper.service';

/** News of the control plane; without them the keeper finds out within 15 s. */
@Controller()
export class ChannelController {
  constructor(private readonly keeper: ConnectionKeeper) {}

  @EventPattern('channel.changed')
  changed(): void {
    this.keeper.reconcileSoon();
  }

  @EventPattern('channel.restart')
  async restart(@Payload() { channelId }: { channelId: string }): Promise<void> {
    await this.keeper.restart(channelId);
  }
}
