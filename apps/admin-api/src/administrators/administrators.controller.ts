import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  AdministratorDto,
  AdministratorListDto,
  type AdministratorView,
  CreateAdministratorDto,
  ListAdministratorsDto,
  UpdateAdministratorDto,
} from './administrators.dto';
import { AdministratorsService } from './administrators.service';

/** People who administer; the first one is made with the key in ADMIN_API_KEY. */
@ApiResource('administrators')
export class AdministratorsController {
  constructor(private readonly people: AdministratorsService) {}

  @Get()
  @Allow('admin')
  @ApiOperation({ summary: 'List administrators' })
  @ZodResponse({ status: 200, type: AdministratorListDto })
  list(
    @Who() caller: Caller,
    @Query() query: ListAdministratorsDto,
  ): Promise<Page<AdministratorView>> {
    return this.people.list(caller, query);
  }

  @Get(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'One administrator' })
  @ZodResponse({ status: 200, type: AdministratorDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<AdministratorView> {
    return this.people.get(caller, id);
  }

  @Post()
  @Allow('owner')
  @ApiOperation({ summary: 'Create an administrator' })
  @ZodResponse({ status: 201, type: AdministratorDto })
  create(
    @Who() caller: Caller,
    @Body() wanted: CreateAdministratorDto,
  ): Promise<AdministratorView> {
    return this.people.create(caller, wanted);
  }

  @Patch(':id')
  @Allow('owner')
  @ApiOperation({ summary: 'Change an administrator; a new password or role ends their sessions' })
  @ZodResponse({ status: 200, type: AdministratorDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateAdministratorDto,
  ): Promise<AdministratorView> {
    return this.people.update(caller, id, patch);
  }

  @Delete(':id')
  @Allow('owner')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take an administrator’s access away, effective at once' })
  @ApiNoContentResponse()
  remove(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<void> {
    return this.people.remove(caller, id);
  }
}
