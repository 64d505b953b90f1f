import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { IfMatch } from '../http/etag.interceptor';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  CreateToolServerDto,
  ListToolServersDto,
  ToolServerDto,
  ToolServerListDto,
  UpdateToolServerDto,
} from './tool-servers.dto';
import { ToolServersService, type ToolServerView } from './tool-servers.service';

/** Servers of tools that agents may use (Model Context Protocol). */
@ApiResource('tool-servers')
export class ToolServersController {
  constructor(private readonly servers: ToolServersService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List tool servers' })
  @ZodResponse({ status: 200, type: ToolServerListDto })
  list(@Who() caller: Caller, @Query() query: ListToolServersDto): Promise<Page<ToolServerView>> {
    return this.servers.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One tool server' })
  @ZodResponse({ status: 200, type: ToolServerDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ToolServerView> {
    return this.servers.get(caller, id);
  }

  @Post()
  @Allow('admin')
  @ApiOperation({ summary: 'Create one tool server' })
  @ZodResponse({ status: 201, type: ToolServerDto })
  create(@Who() caller: Caller, @Body() fields: CreateToolServerDto): Promise<ToolServerView> {
    return this.servers.create(caller, fields);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one tool server (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: ToolServerDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateToolServerDto,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ToolServerView> {
    return this.servers.update(caller, id, patch, ifMatch);
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one tool server; history stays' })
  @ApiNoContentResponse()
  delete(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<void> {
    return this.servers.delete(caller, id, ifMatch);
  }
}
