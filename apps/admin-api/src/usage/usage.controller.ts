import { Get, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso, isoOrNull } from '../http/wire';
import {
  AttemptListDto,
  type AttemptView,
  ListAttemptsDto,
  UsageDto,
  UsageQueryDto,
  type UsageSum,
} from './usage.dto';
import { type AttemptRow, UsageRepository } from './usage.repository';

/** What answering costs: every attempt is paid for, one of each turn counts toward quotas. */
@ApiResource('usage')
export class UsageController {
  constructor(private readonly usage: UsageRepository) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'Sums by day, channel, member and model' })
  @ZodResponse({ status: 200, type: UsageDto })
  async sums(@Who() caller: Caller, @Query() query: UsageQueryDto): Promise<{ items: UsageSum[] }> {
    return { items: await this.usage.sums(caller.tenantId, query) };
  }

  @Get('attempts')
  @Allow('viewer')
  @ApiOperation({ summary: 'Single attempts, newest first' })
  @ZodResponse({ status: 200, type: AttemptListDto })
  async attempts(
    @Who() caller: Caller,
    @Query() { limit, cursor, turnId }: ListAttemptsDto,
  ): Promise<Page<AttemptView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.usage.attempts(caller.tenantId, turnId, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.turnId] });
  }
}

const view = ({ cursor_at: _cursor, startedAt, endedAt, ...row }: AttemptRow): AttemptView => ({
  ...row,
  startedAt: iso(startedAt),
  endedAt: isoOrNull(endedAt),
});
