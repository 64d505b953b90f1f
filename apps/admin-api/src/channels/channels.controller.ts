import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { IfMatch } from '../http/etag.interceptor';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import { ChannelListDto, ListChannelsDto, type ListedChannel } from './channel-list.dto';
import { ChannelList } from './channel-list.service';
import { CreateChannelDto, ChannelDto, UpdateChannelDto } from './channels.dto';
import { ChannelsService, type ChannelView } from './channels.service';

/** Bots: one DingTalk app each. */
@ApiResource('channels')
export class ChannelsController {
  constructor(
    private readonly channels: ChannelsService,
    private readonly lists: ChannelList,
  ) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List channels' })
  // Two hundred channels with their status are checked against the schema by the specs, not again with every answer.
  @ApiOkResponse({ type: ChannelListDto.Output })
  list(@Who() caller: Caller, @Query() query: ListChannelsDto): Promise<Page<ListedChannel>> {
    return this.lists.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One channel' })
  @ZodResponse({ status: 200, type: ChannelDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ChannelView> {
    return this.channels.get(caller, id);
  }

  @Post()
  @Allow('admin')
  @ApiOperation({ summary: 'Create one channel' })
  @ZodResponse({ status: 201, type: ChannelDto })
  create(@Who() caller: Caller, @Body() fields: CreateChannelDto): Promise<ChannelView> {
    return this.channels.create(caller, fields);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one channel (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: ChannelDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateChannelDto,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ChannelView> {
    return this.channels.update(caller, id, patch, ifMatch);
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one channel; history stays' })
  @ApiNoContentResponse()
  delete(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<void> {
    return this.channels.delete(caller, id, ifMatch);
  }
}
