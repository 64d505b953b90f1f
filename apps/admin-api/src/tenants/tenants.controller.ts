import { Body, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow, PlatformOnly } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  CreateTenantDto,
  ListTenantsDto,
  TenantDto,
  TenantListDto,
  UpdateTenantDto,
} from './tenants.dto';
import { TenantsService, type TenantView } from './tenants.service';

/** Customers of the installation. */
@ApiResource('tenants')
export class TenantsController {
  constructor(private readonly tenants: TenantsService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List tenants (a tenant’s own key sees its own)' })
  @ZodResponse({ status: 200, type: TenantListDto })
  list(@Who() caller: Caller, @Query() query: ListTenantsDto): Promise<Page<TenantView>> {
    return this.tenants.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One tenant' })
  @ZodResponse({ status: 200, type: TenantDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<TenantView> {
    return this.tenants.get(caller, id);
  }

  @Post()
  @Allow('owner')
  @PlatformOnly()
  @ApiOperation({ summary: 'Create a tenant' })
  @ZodResponse({ status: 201, type: TenantDto })
  create(@Who() caller: Caller, @Body() tenant: CreateTenantDto): Promise<TenantView> {
    return this.tenants.create(caller, tenant);
  }

  @Patch(':id')
  @Allow('owner')
  @ApiOperation({ summary: 'Change a tenant' })
  @ZodResponse({ status: 200, type: TenantDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateTenantDto,
  ): Promise<TenantView> {
    return this.tenants.update(caller, id, patch);
  }
}
