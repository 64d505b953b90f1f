import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { IfMatch } from '../http/etag.interceptor';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import type { AgentView } from './agent-view';
import {
  AgentVersionDto,
  AgentVersionListDto,
  type AgentVersionView,
  DiffVersionsDto,
  ListVersionsDto,
  PrepareVersionDto,
  type VersionDiff,
  VersionDiffDto,
} from './agent-versions.dto';
import { AgentVersions } from './agent-versions.service';
import { AgentDto } from './agents.dto';
import { VersionParam } from './version-param.pipe';

/** What an agent was, is and may become. */
@ApiResource('agents')
export class AgentVersionsController {
  constructor(private readonly versions: AgentVersions) {}

  @Get(':id/versions')
  @Allow('viewer')
  @ApiOperation({ summary: 'List the versions of an agent, newest first' })
  @ZodResponse({ status: 200, type: AgentVersionListDto })
  list(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListVersionsDto,
  ): Promise<Page<AgentVersionView>> {
    return this.versions.list(caller, id, query);
  }

  @Post(':id/versions')
  @Allow('admin')
  @ApiOperation({
    summary: 'Prepare a version: the current one with these changes, answering nobody yet',
  })
  @ZodResponse({ status: 201, type: AgentVersionDto })
  prepare(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: PrepareVersionDto,
  ): Promise<AgentVersionView> {
    return this.versions.prepare(caller, id, patch);
  }

  @Get(':id/versions/:version')
  @Allow('viewer')
  @ApiOperation({ summary: 'One version' })
  @ZodResponse({ status: 200, type: AgentVersionDto })
  get(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Param('version', VersionParam) version: number,
  ): Promise<AgentVersionView> {
    return this.versions.get(caller, id, version);
  }

  @Get(':id/versions/:version/diff')
  @Allow('viewer')
  @ApiOperation({ summary: 'What a version changed' })
  @ZodResponse({ status: 200, type: VersionDiffDto })
  diff(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Param('version', VersionParam) version: number,
    @Query() query: DiffVersionsDto,
  ): Promise<VersionDiff> {
    return this.versions.diff(caller, id, query.with ?? Math.max(1, version - 1), version);
  }

  @Post(':id/versions/:version/activate')
  @HttpCode(200)
  @Allow('admin')
  @ApiOperation({ summary: 'Let this version answer: roll back, or on to a prepared one' })
  @ZodResponse({ status: 200, type: AgentDto })
  activate(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Param('version', VersionParam) version: number,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AgentView> {
    return this.versions.activate(caller, id, version, ifMatch);
  }
}
