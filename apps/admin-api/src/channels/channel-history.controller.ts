import { Get, Param, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import { ChannelHistory } from './channel-history.service';
import {
  ListHistoryDto,
  type QuarantinedView,
  QuarantineListDto,
  TransitionListDto,
  type TransitionView,
} from './channel-status.dto';

/** What a channel went through, and what of it somebody must look at. */
@ApiResource('channels')
export class ChannelHistoryController {
  constructor(private readonly history: ChannelHistory) {}

  @Get(':id/transitions')
  @Allow('viewer')
  @ApiOperation({ summary: 'What its connections went through, newest first; kept for 30 days' })
  @ZodResponse({ status: 200, type: TransitionListDto })
  transitions(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListHistoryDto,
  ): Promise<Page<TransitionView>> {
    return this.history.transitions(caller, id, query);
  }

  @Get(':id/quarantine')
  @Allow('viewer')
  @ApiOperation({ summary: 'Events that could not be processed and were set aside, newest first' })
  @ZodResponse({ status: 200, type: QuarantineListDto })
  quarantine(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListHistoryDto,
  ): Promise<Page<QuarantinedView>> {
    return this.history.quarantine(caller, id, query);
  }
}
