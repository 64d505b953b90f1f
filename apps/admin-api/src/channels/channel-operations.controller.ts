import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { UuidParam } from '../http/uuid-param.pipe';
import { BulkChannelsDto, type BulkResult, BulkResultDto } from './channel-bulk.dto';
import { ChannelBulk } from './channel-bulk.service';
import { ChannelOperations } from './channel-operations.service';
import {
  type ChannelCheck,
  type ChannelStatus,
  ChannelStatusDto,
  ChannelTestDto,
  DisableChannelBodyDto,
  DisableChannelDto,
  RunChannelTestDto,
} from './channel-status.dto';
import { ChannelTest } from './channel-test.service';

/** Running a channel. */
@ApiResource('channels')
export class ChannelOperationsController {
  constructor(
    private readonly operations: ChannelOperations,
    private readonly tests: ChannelTest,
    private readonly bulk: ChannelBulk,
  ) {}

  @Post('bulk')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Switch many channels on or off, or open their connections anew' })
  @ZodResponse({ status: 200, type: BulkResultDto })
  many(@Who() caller: Caller, @Body() wish: BulkChannelsDto): Promise<BulkResult> {
    return this.bulk.run(caller, wish);
  }

  @Get(':id/status')
  @Allow('viewer')
  @ApiOperation({ summary: 'What a live gateway knows of the channel’s connection' })
  @ZodResponse({ status: 200, type: ChannelStatusDto })
  status(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ChannelStatus> {
    return this.operations.status(caller, id);
  }

  @Post(':id/enable')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Switch the channel on' })
  @ZodResponse({ status: 200, type: ChannelStatusDto })
  enable(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ChannelStatus> {
    return this.operations.enable(caller, id);
  }

  @Post(':id/disable')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Switch the channel off' })
  @ApiBody({ type: DisableChannelBodyDto, required: false })
  @ZodResponse({ status: 200, type: ChannelStatusDto })
  disable(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() { mode }: DisableChannelDto,
    @Body() { mode: ofBody }: DisableChannelBodyDto,
  ): Promise<ChannelStatus> {
    return this.operations.disable(caller, id, mode === 'now' ? mode : ofBody);
  }

  @Post(':id/restart')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Open the channel’s connection anew' })
  @ZodResponse({ status: 200, type: ChannelStatusDto })
  restart(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ChannelStatus> {
    return this.operations.restart(caller, id);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({
    summary: 'Check credentials, permissions and card; only a tester who is named sees something',
  })
  @ZodResponse({ status: 200, type: ChannelTestDto })
  async test(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() { testerStaffId }: RunChannelTestDto,
  ): Promise<{ checks: ChannelCheck[] }> {
    return { checks: await this.tests.run(caller, id, testerStaffId) };
  }
}
