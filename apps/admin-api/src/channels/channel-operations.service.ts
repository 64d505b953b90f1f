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

export const channelDeeds = ['enable', 'disable', 'restart'] as const;
export type ChannelDeed = (typeof channelDeeds)[number];
type DisableMode = 'drain' | 'now';

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

  async enable(caller: Caller, id: string): Promise<ChannelStatus> {
    await this.run(caller, id, 'enable');
    return this.status(caller, id);
  }

  async disable(caller: Caller, id: string, mode: DisableMode): Promise<ChannelStatus> {
    await this.run(caller, id, 'disable', mode);
    return this.status(caller, id);
  }

  async restart(caller: Caller, id: string): Promise<ChannelStatus> {
    await this.run(caller, id, 'restart');
    return this.status(caller, id);
  }

  /** The deed alone. Disabling: intake ends within 2 s and running turns finish; `now` asks those to stop, too (design §3). */
  async run(
    caller: Caller,
    id: string,
    deed: ChannelDeed,
    mode: DisableMode = 'drain',
  ): Promise<void> {
    if (deed === 'restart') return this.reopen(caller, id);
    if (deed === 'enable') return this.switch(caller, id, true);
    let stopped: { id: string }[] = [];
    await this.switch(caller, id, false, async (tx) => {
      if (mode === 'now') stopped = await tx.query(STOP_RUNNING, [caller.tenantId, id]);
    });
    for (const turn of stopped) await this.announcer.announce('turn.cancel', { turnId: turn.id });
  }

  private async reopen(caller: Caller, id: string): Promise<void> {
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
  }

  private async switch(
    caller: Caller,
    id: string,
    enabled: boolean,
    also: (tx: Tx) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const action = enabled ? 'channel.enable' : 'channel.disable';
    await this.changes.write(caller, { action, answersResult: false }, async (tx) => {
      const change = await this.setEnabled(tx, caller.tenantId, id, enabled);
      await also(tx);
      return change;
    });
    await this.announcer.announce('channel.changed', { channelId: id });
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
