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
  CreateAgentDto,
  ListAgentsDto,
  AgentDto,
  AgentListDto,
  UpdateAgentDto,
} from './agents.dto';
import { AgentsService, type AgentView } from './agents.service';

/** Who answers. Every change of behaviour is a new version. */
@ApiResource('agents')
export class AgentsController {
  constructor(private readonly agents: AgentsService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List agents' })
  @ZodResponse({ status: 200, type: AgentListDto })
  list(@Who() caller: Caller, @Query() query: ListAgentsDto): Promise<Page<AgentView>> {
    return this.agents.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One agent' })
  @ZodResponse({ status: 200, type: AgentDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<AgentView> {
    return this.agents.get(caller, id);
  }

  @Post()
  @Allow('admin')
  @ApiOperation({ summary: 'Create one agent' })
  @ZodResponse({ status: 201, type: AgentDto })
  create(@Who() caller: Caller, @Body() fields: CreateAgentDto): Promise<AgentView> {
    return this.agents.create(caller, fields);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one agent (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: AgentDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateAgentDto,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AgentView> {
    return this.agents.update(caller, id, patch, ifMatch);
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one agent; history stays' })
  @ApiNoContentResponse()
  delete(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<void> {
    return this.agents.delete(caller, id, ifMatch);
  }
}
