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
  CreateModelDto,
  ListModelsDto,
  ModelDto,
  ModelListDto,
  type ModelCheck,
  ModelTestDto,
  UpdateModelDto,
} from './models.dto';
import { ModelTest } from './model-test.service';
import { ModelsService, type ModelView } from './models.service';

/** Language models that agents use. */
@ApiResource('models')
export class ModelsController {
  constructor(
    private readonly models: ModelsService,
    private readonly tests: ModelTest,
  ) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List models' })
  @ZodResponse({ status: 200, type: ModelListDto })
  list(@Who() caller: Caller, @Query() query: ListModelsDto): Promise<Page<ModelView>> {
    return this.models.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One model' })
  @ZodResponse({ status: 200, type: ModelDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ModelView> {
    return this.models.get(caller, id);
  }

  @Post()
  @Allow('admin')
  @ApiOperation({ summary: 'Create one model' })
  @ZodResponse({ status: 201, type: ModelDto })
  create(@Who() caller: Caller, @Body() fields: CreateModelDto): Promise<ModelView> {
    return this.models.create(caller, fields);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one model (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: ModelDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateModelDto,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ModelView> {
    return this.models.update(caller, id, patch, ifMatch);
  }

  @Post(':id/test')
  @Allow('operator')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask one model for one word' })
  @ZodResponse({ status: 200, type: ModelTestDto })
  test(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
  ): Promise<{ checks: ModelCheck[] }> {
    return this.tests.run(caller, id);
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one model; history stays' })
  @ApiNoContentResponse()
  delete(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<void> {
    return this.models.delete(caller, id, ifMatch);
  }
}
