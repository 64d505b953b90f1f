import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { type Change, ChangeLog } from '../changes/change-log';
import { NotFoundError } from '../http/api.errors';
import { ChannelStatusRepository } from './channel-status.repository';
import type { ChannelStatus } from './channel-status.dto';
import { viewOfChannel } from './channel-view';
import { ChannelsRepository } from './channels.repository';
import { statusOfChannel } from './status-of-channel';

/** Running a channel: its status, and switching it on, off and over. */
@Injectable()
export class ChannelOperations {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly statuses: ChannelStatusRepository,
    private readonly changes: ChangeLog,
    private readonly announcer: Announcer,
  ) {}

  async status({ tenantId }: Caller, id: string): Promise<ChannelStatus> {
    const facts = await this.statuses.facts(tenantId, id);
    if (!facts) throw new NotFoundError('channel');
    return statusOfChannel(facts);
  }

  enable(caller: Caller, id: string): Promise<ChannelStatus> {
    return this.switch(caller, id, true);
  }

  /** Intake ends within 2 s and running turns finish; `now` asks the running ones to stop, too (design §3). */
  async disable(caller: Caller, id: string, mode: 'drain' | 'now'): Promise<ChannelStatus> {
    let stopped: { id: string }[] = [];
    const status = await this.switch(caller, id, false, async (tx) => {
      if (mode === 'now') stopped = await tx.query(STOP_RUNNING, [caller.tenantId, id]);
    });
    for (const turn of stopped) await this.announcer.announce('turn.cancel', { turnId: turn.id });
    return status;
  }

  async restart(caller: Caller, id: string): Promise<ChannelStatus> {
    await this.changes.write(
      caller,
      { action: 'channel.restart', answersResult: false },
      async (tx) => {
        if (!(await this.channels.lock(tx, caller.tenantId, id)))
          throw new NotFoundError('channel');
        await this.channels.forgetTrouble(tx, caller.tenantId, id);
        return { result: undefined, resourceId: id };
      },
    );
    await this.announcer.announce('channel.restart', { channelId: id });
    return this.status(caller, id);
  }

  private async switch(
    caller: Caller,
    id: string,
    enabled: boolean,
    also: (tx: Tx) => Promise<void> = () => Promise.resolve(),
  ): Promise<ChannelStatus> {
    const action = enabled ? 'channel.enable' : 'channel.disable';
    await this.changes.write(caller, { action, answersResult: false }, async (tx) => {
      const change = await this.setEnabled(tx, caller.tenantId, id, enabled);
      await also(tx);
      return change;
    });
    await this.announcer.announce('channel.changed', { channelId: id });
    return this.status(caller, id);
  }

  private async setEnabled(
    tx: Tx,
    tenantId: string,
    id: string,
    enabled: boolean,
  ): Promise<Change<void>> {
    const row = await this.channels.lock(tx, tenantId, id);
    if (!row) throw new NotFoundError('channel');
    const before = viewOfChannel(row);
    if (row.enabled === enabled)
      return { result: undefined, resourceId: id, before, after: before };
    const after = viewOfChannel(await this.channels.setEnabled(tx, tenantId, id, enabled));
    return { result: undefined, resourceId: id, before, after };
  }
}

const STOP_RUNNING = `UPDATE turn SET cancel_requested_at = COALESCE(cancel_requested_at, now())
  WHERE tenant_id = $1 AND channel_id = $2 AND state IN ('active', 'waiting') RETURNING id`;
