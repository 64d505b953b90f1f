import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import type { ConnectionReport } from '@common/domain';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import type { RosterChannel } from '../channels/channel-roster.repository';
import type { View } from './decide-ownership';
import { EvictionWatch } from './eviction-watch';
import { seatsOf } from './lease';

/**
 * Runs one connection where the platform does not bear two, and says so in the channel's status: for a day, or until
 * somebody saves or restarts the channel.
 */
@Injectable()
export class SingleConnection {
  private readonly watch = new EvictionWatch();
  private readonly connected = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly announcer: Announcer,
    private readonly logger: Logger,
  ) {}

  /** A connection of ours is in another state, or gone (undefined: we closed it). */
  noteState(channelId: string, report: ConnectionReport | undefined, view: View): void {
    if (report?.state === 'connected') {
      this.connected.add(channelId);
      return;
    }
    const wasConnected = this.connected.delete(channelId);
    if (wasConnected && report) this.watch.lost(channelId, view.redisNowMs);
  }

  /** Whether the other gateway's connection has pushed ours out, now that its lease is known. */
  compare({ id, tenantId, connections }: RosterChannel, view: View): void {
    if (connections < 2) return this.watch.forget(id);
    const leases = seatsOf(id).map((seat) => view.leases.get(seat));
    const other = leases.find((lease) => lease && lease.holder !== view.me);
    if (!other || !this.watch.isEvicted(id, other)) return;
    this.remember(tenantId, id).catch((error: unknown) =>
      this.logger.warn('single connection not remembered', { channelId: id, error }),
    );
  }

  private async remember(tenantId: string, channelId: string): Promise<void> {
    this.logger.warn('connections push each other out', { channelId, code: 'single_connection' });
    await this.database.inTenantOnce(tenantId, NOTICE, [tenantId, channelId]);
    await this.announcer.announce('channel.changed', { channelId });
  }
}

const NOTICE = `
INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
VALUES ($1, $2, 'single_connection',
        'DingTalk closes the older connection of this app whenever a newer one opens, so only one is kept.',
        'Set connections to 1; to try two again, save or restart the channel.', now() + interval '1 day')
ON CONFLICT (channel_id, code) DO UPDATE SET at = now(), until = EXCLUDED.until`;
