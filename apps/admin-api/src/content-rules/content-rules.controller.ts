import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';
import { z } from 'zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { IfMatch } from '../http/etag.interceptor';
import { type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import { iso } from '../http/wire';
import { ContentFindingsRepository } from './content-findings.repository';
import {
  CreateContentRuleDto,
  ListContentRulesDto,
  ContentRuleDto,
  ContentRuleListDto,
  FindingListDto,
  type FindingView,
  ListFindingsDto,
  UpdateContentRuleDto,
} from './content-rules.dto';
import { ContentRulesService, type ContentRuleView } from './content-rules.service';

/** In order of a number that the database gives. */
const byNumber = z.tuple([z.string().regex(/^\d{1,18}$/)]);

/** What may be said: words that stop a question or an answer, and what is masked in them. */
@ApiResource('content-rules')
export class ContentRulesController {
  constructor(
    private readonly rules: ContentRulesService,
    private readonly found: ContentFindingsRepository,
  ) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List content rules' })
  @ZodResponse({ status: 200, type: ContentRuleListDto })
  list(@Who() caller: Caller, @Query() query: ListContentRulesDto): Promise<Page<ContentRuleView>> {
    return this.rules.list(caller, query);
  }

  @Get('findings')
  @Allow('viewer')
  @ApiOperation({ summary: 'Where rules were applied, newest first; never the words' })
  @ZodResponse({ status: 200, type: FindingListDto })
  async findings(
    @Who() caller: Caller,
    @Query() query: ListFindingsDto,
  ): Promise<Page<FindingView>> {
    const { limit, cursor } = query;
    const before = readCursor(cursor, byNumber)?.[0] ?? null;
    const rows = await this.found.list(caller.tenantId, query, before, rowsWanted(limit));
    return toPage(rows, limit, {
      view: ({ position: _position, at, ...row }) => ({ ...row, at: iso(at) }),
      position: ({ position }) => [position],
    });
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One content rule' })
  @ZodResponse({ status: 200, type: ContentRuleDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ContentRuleView> {
    return this.rules.get(caller, id);
  }

  @Post()
  @Allow('admin')
  @ApiOperation({ summary: 'Create one content rule' })
  @ZodResponse({ status: 201, type: ContentRuleDto })
  create(@Who() caller: Caller, @Body() fields: CreateContentRuleDto): Promise<ContentRuleView> {
    return this.rules.create(caller, fields);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one content rule (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: ContentRuleDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateContentRuleDto,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ContentRuleView> {
    return this.rules.update(caller, id, patch, ifMatch);
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one content rule; history stays' })
  @ApiNoContentResponse()
  delete(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<void> {
    return this.rules.delete(caller, id, ifMatch);
  }
}
