import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import type { ListChannelsDto, ListedChannel, ListedStatus } from './channel-list.dto';
import type { ChannelStatus } from './channel-status.dto';
import { ChannelStatusesRepository } from './channel-statuses.repository';
import { viewOfChannel } from './channel-view';
import { ChannelsRepository } from './channels.repository';
import { statusOfChannel } from './status-of-channel';

/** Channels by the page, with their status when somebody asks for it: a handful of statements, however many they are. */
@Injectable()
export class ChannelList {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly statuses: ChannelStatusesRepository,
    private readonly database: Database,
  ) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor, include, q, enabled }: ListChannelsDto,
  ): Promise<Page<ListedChannel>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.channels.list(tenantId, { after, q, enabled }, rowsWanted(limit));
    const shown = rows.slice(0, limit).map(({ id }) => id);
    const statuses = include ? await this.statusesOf(tenantId, shown) : undefined;
    return toPage(rows, limit, {
      view: (row) => {
        const status = statuses?.get(row.id);
        return { ...viewOfChannel(row), ...(status ? { status } : {}) };
      },
      position: (row) => [row.cursor_at, row.id],
    });
  }

  private async statusesOf(
    tenantId: string,
    channelIds: readonly string[],
  ): Promise<Map<string, ListedStatus>> {
    const wanted = { tenantId, channelIds, withLast: true };
    const facts = await this.database.inTenant(tenantId, (tx) => this.statuses.facts(tx, wanted));
    return new Map(facts.map(({ id, ...of }) => [id, withoutAllowance(statusOfChannel(of))]));
  }
}

/** Allowances are not asked for: they are the organisation's, not each channel's. */
const withoutAllowance = ({ allowance: _, ...status }: ChannelStatus): ListedStatus => status;
