import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import { TurnCancel } from './turn-cancel.service';
import { TurnRedrive } from './turn-redrive.service';
import { TurnRetry } from './turn-retry.service';
import {
  type Checkpoint,
  ListTurnsDto,
  RedriveDto,
  RedriveTurnsDto,
  type RedriveView,
  TimelineDto,
  TurnDto,
  TurnListDto,
  type TurnView,
} from './turns.dto';
import { TurnsService } from './turns.service';

/** Questions and what became of them. */
@ApiResource('turns')
export class TurnsController {
  constructor(
    private readonly turns: TurnsService,
    private readonly cancelling: TurnCancel,
    private readonly retrying: TurnRetry,
    private readonly redriving: TurnRedrive,
  ) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List turns, newest first' })
  @ZodResponse({ status: 200, type: TurnListDto })
  list(@Who() caller: Caller, @Query() query: ListTurnsDto): Promise<Page<TurnView>> {
    return this.turns.list(caller, query);
  }

  @Post('retry')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Drive failed turns again that a filter names, each at most once' })
  @ZodResponse({ status: 200, type: RedriveDto })
  redrive(@Who() caller: Caller, @Body() wish: RedriveTurnsDto): Promise<RedriveView> {
    return this.redriving.redrive(caller, wish);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One turn' })
  @ZodResponse({ status: 200, type: TurnDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<TurnView> {
    return this.turns.get(caller, id);
  }

  @Get(':id/timeline')
  @Allow('viewer')
  @ApiOperation({ summary: 'Its checkpoints with times' })
  @ZodResponse({ status: 200, type: TimelineDto })
  timeline(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<Page<Checkpoint>> {
    return this.turns.timeline(caller, id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Stop a turn' })
  @ZodResponse({ status: 200, type: TurnDto })
  cancel(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<TurnView> {
    return this.cancelling.cancel(caller, id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({
    summary: 'Drive an ended turn again: a new turn, or a new delivery of its answer',
  })
  @ZodResponse({ status: 200, type: TurnDto })
  retry(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<TurnView> {
    return this.retrying.retry(caller, id);
  }
}
