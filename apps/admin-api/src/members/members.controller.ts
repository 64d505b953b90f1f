import { Body, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  ListMembersDto,
  MemberDto,
  MemberListDto,
  type MemberView,
  UpdateMemberDto,
} from './members.dto';
import { MembersService } from './members.service';

/** The people who talk with bots. */
@ApiResource('members')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List members, oldest first' })
  @ZodResponse({ status: 200, type: MemberListDto })
  list(@Who() caller: Caller, @Query() query: ListMembersDto): Promise<Page<MemberView>> {
    return this.members.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One member' })
  @ZodResponse({ status: 200, type: MemberDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<MemberView> {
    return this.members.get(caller, id);
  }

  @Patch(':id')
  @Allow('admin')
  @ApiOperation({ summary: 'Change one member (RFC 7396: null removes)' })
  @ZodResponse({ status: 200, type: MemberDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateMemberDto,
  ): Promise<MemberView> {
    return this.members.update(caller, id, patch);
  }
}
