import { Injectable } from '@nestjs/common';

import { AppError } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import type { BulkChannelsDto, BulkResult } from './channel-bulk.dto';
import { ChannelOperations } from './channel-operations.service';
import { ChannelsRepository } from './channels.repository';

/** Channels that are changed at a time: the pool is for others, too. */
const AT_A_TIME = 4;

/** The same deed for many channels, each in a transaction of its own; one that fails holds up no other. */
@Injectable()
export class ChannelBulk {
  constructor(
    private readonly operations: ChannelOperations,
    private readonly channels: ChannelsRepository,
  ) {}

  async run(caller: Caller, wish: BulkChannelsDto): Promise<BulkResult> {
    const wanted = wish.channelIds ?? (await this.channels.allIds(caller.tenantId));
    const ids = [...new Set(wanted.map((id) => id.toLowerCase()))];
    const items: BulkResult['items'] = [];
    for (let n = 0; n < ids.length; n += AT_A_TIME) {
      const together = ids.slice(n, n + AT_A_TIME);
      items.push(...(await Promise.all(together.map((id) => this.one(caller, id, wish)))));
    }
    return { failed: items.filter(({ ok }) => !ok).length, items };
  }

  private async one(
    caller: Caller,
    channelId: string,
    { action, mode }: BulkChannelsDto,
  ): Promise<BulkResult['items'][number]> {
    try {
      await this.operations.run(caller, channelId, action, mode);
      return { channelId, ok: true, error: null };
    } catch (error) {
      // What was not expected, or no store, is a failure of the whole request.
      if (!(error instanceof AppError) || error.code === 'database_unavailable') throw error;
      return { channelId, ok: false, error: { code: error.code, message: error.message } };
    }
  }
}
