import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { timelineOf } from './timeline';
import { TimelineRepository } from './timeline.repository';
import { viewOfTurn } from './turn-view';
import type { Checkpoint, ListTurnsDto, TurnView } from './turns.dto';
import { TurnsRepository } from './turns.repository';

/** Questions and what became of them. */
@Injectable()
export class TurnsService {
  constructor(
    private readonly turns: TurnsRepository,
    private readonly timelines: TimelineRepository,
  ) {}

  async list({ tenantId }: Caller, query: ListTurnsDto): Promise<Page<TurnView>> {
    const { state, channelId, sessionId, platformMessageId, limit } = query;
    const after = readCursor(query.cursor, byCreation);
    const filter = { state, channelId, sessionId, platformMessageId, after };
    const rows = await this.turns.list(tenantId, { ...filter, limit: rowsWanted(limit) });
    return toPage(rows, limit, { view: viewOfTurn, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<TurnView> {
    const row = await this.turns.find(tenantId, id);
    if (!row) throw new NotFoundError('turn');
    return viewOfTurn(row);
  }

  async timeline(caller: Caller, id: string): Promise<Page<Checkpoint>> {
    await this.get(caller, id);
    const rows = await this.timelines.of(caller.tenantId, id);
    return { items: timelineOf(rows), nextCursor: null };
  }
}
