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
  CreateContentRuleDto,
  ListContentRulesDto,
  ContentRuleDto,
  ContentRuleListDto,
  UpdateContentRuleDto,
} from './content-rules.dto';
import { ContentRulesService, type ContentRuleView } from './content-rules.service';

/** What may be said: words that stop a question or an answer, and what is masked in them. */
@ApiResource('content-rules')
export class ContentRulesController {
  constructor(private readonly rules: ContentRulesService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List content rules' })
  @ZodResponse({ status: 200, type: ContentRuleListDto })
  list(@Who() caller: Caller, @Query() query: ListContentRulesDto): Promise<Page<ContentRuleView>> {
    return this.rules.list(caller, query);
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
