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
  CreateBudgetDto,
  ListBudgetsDto,
  BudgetDto,
  BudgetListDto,
  UpdateBudgetDto,
} from './budgets.dto';
import { BudgetsService, type BudgetView } from './budgets.service';

/** What may be spent: a warning first, then a stop. */
@ApiResource('budgets')
export class BudgetsController {
  constructor(private readonly budgets: BudgetsService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List budgets' })
  @ZodResponse({ status: 200, type: BudgetListDto })
  list(@Who() caller: Caller, @Query() query: ListBudgetsDto): Promise<Page<BudgetView>> {
    return this.budgets.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One budget' })
  @ZodResponse({ status: 200, type: BudgetDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<BudgetView> {
    return this.budgets.get(caller, id);
  }

  @Post()
  @Allow('admin')
  @ApiOperation({ summary: 'Create one budget' })
  @ZodResponse({ status: 201, type: BudgetDto })
  create(@Who() caller: Caller, @Body() fields: CreateBudgetDto): Promise<BudgetView> {
    return this.budgets.create(caller, fields);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one budget (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: BudgetDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateBudgetDto,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BudgetView> {
    return this.budgets.update(caller, id, patch, ifMatch);
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one budget; history stays' })
  @ApiNoContentResponse()
  delete(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<void> {
    return this.budgets.delete(caller, id, ifMatch);
  }
}
