import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import { SecretBox } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { NotFoundError } from '../http/api.errors';
import { type ChannelView, viewOfChannel } from './channel-view';
import { ChannelsRepository } from './channels.repository';

/**
 * Changing a client secret while the channel runs: the new one waits beside the present one until the platform takes it.
 * Gateways and senders try it; whoever succeeds makes it the present one.
 */
@Injectable()
export class ChannelSecrets {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly changes: ChangeLog,
    private readonly box: SecretBox,
    private readonly announcer: Announcer,
  ) {}

  try(caller: Caller, id: string, clientSecret: string): Promise<ChannelView> {
    return this.write(caller, id, 'channel.secret-pending', this.box.seal(clientSecret));
  }

  async drop(caller: Caller, id: string): Promise<void> {
    await this.write(caller, id, 'channel.secret-dropped', null);
  }

  private async write(
    caller: Caller,
    id: string,
    action: string,
    sealed: Buffer | null,
  ): Promise<ChannelView> {
    const answersResult = sealed !== null;
    const result = await this.changes.write(caller, { action, answersResult }, async (tx) => {
      const row = await this.channels.lock(tx, caller.tenantId, id);
      if (!row) throw new NotFoundError('channel');
      const before = viewOfChannel(row);
      const after = viewOfChannel(await this.channels.setPending(tx, caller.tenantId, id, sealed));
      const secretsWritten = sealed ? ['clientSecret'] : [];
      return { result: after, resourceId: id, before, after, secretsWritten };
    });
    await this.announcer.announce('channel.changed', { channelId: id });
    return result;
  }
}
