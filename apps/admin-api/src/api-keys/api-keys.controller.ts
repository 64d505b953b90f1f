import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  ApiKeyDto,
  ApiKeyListDto,
  CreateApiKeyDto,
  CreatedApiKeyDto,
  ListApiKeysDto,
  RotateApiKeyDto,
} from './api-keys.dto';
import { ApiKeysService, type ApiKeyView } from './api-keys.service';

/** Keys for this API: shown once, then known by their prefix. */
@ApiResource('api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List API keys, revoked ones included' })
  @ZodResponse({ status: 200, type: ApiKeyListDto })
  list(@Who() caller: Caller, @Query() query: ListApiKeysDto): Promise<Page<ApiKeyView>> {
    return this.keys.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One API key' })
  @ZodResponse({ status: 200, type: ApiKeyDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ApiKeyView> {
    return this.keys.get(caller, id);
  }

  @Post()
  @Allow('owner')
  @ApiOperation({ summary: 'Create an API key; the answer shows it this once' })
  @ZodResponse({ status: 201, type: CreatedApiKeyDto })
  create(
    @Who() caller: Caller,
    @Body() key: CreateApiKeyDto,
  ): Promise<ApiKeyView & { key: string }> {
    return this.keys.create(caller, key);
  }

  @Post(':id/rotate')
  @Allow('owner')
  @ApiOperation({ summary: 'A new key in place of this one, which works a while longer' })
  @ZodResponse({ status: 201, type: CreatedApiKeyDto })
  rotate(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() { overlapSeconds }: RotateApiKeyDto,
  ): Promise<ApiKeyView & { key: string }> {
    return this.keys.rotate(caller, id, overlapSeconds);
  }

  @Delete(':id')
  @Allow('owner')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke an API key, effective at once' })
  @ApiNoContentResponse()
  revoke(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<void> {
    return this.keys.revoke(caller, id);
  }
}
