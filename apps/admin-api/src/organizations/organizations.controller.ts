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
  CreateOrganizationDto,
  ListOrganizationsDto,
  OrganizationDto,
  OrganizationListDto,
  UpdateOrganizationDto,
} from './organizations.dto';
import { OrganizationsService, type OrganizationView } from './organizations.service';

/** DingTalk organisations and their allowances. */
@ApiResource('organizations')
export class OrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List organizations' })
  @ZodResponse({ status: 200, type: OrganizationListDto })
  list(
    @Who() caller: Caller,
    @Query() query: ListOrganizationsDto,
  ): Promise<Page<OrganizationView>> {
    return this.organizations.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One organization' })
  @ZodResponse({ status: 200, type: OrganizationDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<OrganizationView> {
    return this.organizations.get(caller, id);
  }

  @Post()
  @Allow('admin')
  @ApiOperation({ summary: 'Create one organization' })
  @ZodResponse({ status: 201, type: OrganizationDto })
  create(@Who() caller: Caller, @Body() fields: CreateOrganizationDto): Promise<OrganizationView> {
    return this.organizations.create(caller, fields);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one organization (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: OrganizationDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateOrganizationDto,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OrganizationView> {
    return this.organizations.update(caller, id, patch, ifMatch);
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one organization; history stays' })
  @ApiNoContentResponse()
  delete(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<void> {
    return this.organizations.delete(caller, id, ifMatch);
  }
}
