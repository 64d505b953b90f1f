import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import { NoticeActions } from './notice-actions.service';
import { NoticeReading } from './notice-reading.service';
import {
  ClickListDto,
  type ClickView,
  CreateNoticeDto,
  ListClicksDto,
  ListNoticesDto,
  ListRecipientsDto,
  NoticeDto,
  NoticeListDto,
  type NoticeView,
  RecipientListDto,
  type RecipientView,
} from './notices.dto';
import { NoticesService } from './notices.service';

/** Messages that nobody asked for in chat: to persons and groups, now or later. */
@ApiResource('notices')
export class NoticesController {
  constructor(
    private readonly notices: NoticesService,
    private readonly reading: NoticeReading,
    private readonly actions: NoticeActions,
  ) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List notices, newest first' })
  @ZodResponse({ status: 200, type: NoticeListDto })
  list(@Who() caller: Caller, @Query() query: ListNoticesDto): Promise<Page<NoticeView>> {
    return this.reading.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One notice, and how many of its recipients have it' })
  @ZodResponse({ status: 200, type: NoticeDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<NoticeView> {
    return this.reading.get(caller, id);
  }

  @Get(':id/recipients')
  @Allow('viewer')
  @ApiOperation({ summary: 'What became of a notice at each of its recipients' })
  @ZodResponse({ status: 200, type: RecipientListDto })
  recipients(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListRecipientsDto,
  ): Promise<Page<RecipientView>> {
    return this.reading.recipients(caller, id, query);
  }

  @Get(':id/clicks')
  @Allow('viewer')
  @ApiOperation({ summary: 'Who clicked what on its cards, oldest first' })
  @ZodResponse({ status: 200, type: ClickListDto })
  clicks(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListClicksDto,
  ): Promise<Page<ClickView>> {
    return this.reading.clicks(caller, id, query);
  }

  @Post()
  @Allow('operator')
  @ApiOperation({ summary: 'Send a notice, or have it sent later' })
  @ZodResponse({ status: 201, type: NoticeDto })
  create(@Who() caller: Caller, @Body() fields: CreateNoticeDto): Promise<NoticeView> {
    return this.notices.create(caller, fields);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Send it to nobody who does not have it yet' })
  @ZodResponse({ status: 200, type: NoticeDto })
  cancel(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<NoticeView> {
    return this.actions.cancel(caller, id);
  }

  @Post(':id/recall')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Cancel it, and take back what was sent in the last 24 hours' })
  @ZodResponse({ status: 200, type: NoticeDto })
  recall(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<NoticeView> {
    return this.actions.recall(caller, id);
  }

  @Post(':id/receipts')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({
    summary: 'Ask the platform who has read it (within 24 hours); the recipients show the answers',
  })
  @ZodResponse({ status: 200, type: NoticeDto })
  receipts(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<NoticeView> {
    return this.actions.receipts(caller, id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({
    summary: 'Try those again who did not get it; whoever may have it gets it marked',
  })
  @ZodResponse({ status: 200, type: NoticeDto })
  retry(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<NoticeView> {
    return this.actions.retry(caller, id);
  }
}
