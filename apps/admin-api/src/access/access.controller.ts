import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  CreateOverrideDto,
  ListOverridesDto,
  ListPairingsDto,
  OverrideDto,
  OverrideListDto,
  type OverrideView,
  PairingDto,
  PairingListDto,
  type PairingView,
} from './access.dto';
import { AccessService } from './access.service';

/** Who is let in, and who answers whom, in one channel. */
@ApiResource('channels')
export class AccessController {
  constructor(private readonly access: AccessService) {}

  @Get(':id/pairing-requests')
  @Allow('viewer')
  @ApiOperation({ summary: 'People who asked to talk with the bot, longest waiting first' })
  @ZodResponse({ status: 200, type: PairingListDto })
  pairings(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListPairingsDto,
  ): Promise<Page<PairingView>> {
    return this.access.pairings(caller, id, query);
  }

  @Post(':id/pairing-requests/:memberId/approve')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Let a person talk with the bot' })
  @ZodResponse({ status: 200, type: PairingDto })
  approve(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Param('memberId', UuidParam) memberId: string,
  ): Promise<PairingView> {
    return this.access.decide(caller, id, memberId, 'approved');
  }

  @Post(':id/pairing-requests/:memberId/deny')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Refuse a person' })
  @ZodResponse({ status: 200, type: PairingDto })
  deny(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Param('memberId', UuidParam) memberId: string,
  ): Promise<PairingView> {
    return this.access.decide(caller, id, memberId, 'denied');
  }

  @Get(':id/overrides')
  @Allow('viewer')
  @ApiOperation({ summary: 'Groups and departments that another agent or model answers' })
  @ZodResponse({ status: 200, type: OverrideListDto })
  overrides(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListOverridesDto,
  ): Promise<Page<OverrideView>> {
    return this.access.overrides(caller, id, query);
  }

  @Post(':id/overrides')
  @Allow('admin')
  @ApiOperation({ summary: 'Give a group or department another agent or model' })
  @ZodResponse({ status: 201, type: OverrideDto })
  override(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() fields: CreateOverrideDto,
  ): Promise<OverrideView> {
    return this.access.override(caller, id, fields);
  }

  @Delete(':id/overrides/:overrideId')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Give it the channel’s own again' })
  @ApiNoContentResponse()
  remove(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Param('overrideId', UuidParam) overrideId: string,
  ): Promise<void> {
    return this.access.remove(caller, id, overrideId);
  }
}
