import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso } from '../http/wire';
import {
  ChannelHistoryRepository,
  type QuarantinedRow,
  type TransitionRow,
} from './channel-history.repository';
import type { ListHistoryDto, QuarantinedView, TransitionView } from './channel-status.dto';
import { ChannelsRepository } from './channels.repository';

@Injectable()
export class ChannelHistory {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly history: ChannelHistoryRepository,
  ) {}

  async transitions(
    { tenantId }: Caller,
    id: string,
    { limit, cursor }: ListHistoryDto,
  ): Promise<Page<TransitionView>> {
    const before = readCursor(cursor, byCreation);
    await this.check(tenantId, id);
    const rows = await this.history.transitions(tenantId, id, before, rowsWanted(limit));
    return toPage(rows, limit, {
      view: viewOfTransition,
      position: (row) => [row.cursor_at, row.id],
    });
  }

  async quarantine(
    { tenantId }: Caller,
    id: string,
    { limit, cursor }: ListHistoryDto,
  ): Promise<Page<QuarantinedView>> {
    const before = readCursor(cursor, byCreation);
    await this.check(tenantId, id);
    const rows = await this.history.quarantine(tenantId, id, before, rowsWanted(limit));
    return toPage(rows, limit, { view: viewOfEvent, position: (row) => [row.cursor_at, row.id] });
  }

  private async check(tenantId: string, id: string): Promise<void> {
    if (!(await this.channels.find(tenantId, id))) throw new NotFoundError('channel');
  }
}

const viewOfTransition = (row: TransitionRow): TransitionView => ({
  id: row.id,
  gatewayId: row.gateway_id,
  state: row.state,
  code: row.code,
  message: row.message,
  at: iso(row.at),
});

const viewOfEvent = (row: QuarantinedRow): QuarantinedView => ({
  eventId: row.id,
  kind: row.kind,
  receivedAt: iso(row.received_at),
  cause: row.cause,
  failures: row.failures,
});
