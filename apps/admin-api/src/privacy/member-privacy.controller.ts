import { Readable } from 'node:stream';

import { Body, Get, Header, HttpCode, Param, Patch, Post, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { ReadsContent } from '../http/reads-content.decorator';
import { UuidParam } from '../http/uuid-param.pipe';
import { MemberExport } from './member-export.service';
import {
  ErasureDto,
  type ErasureView,
  type MemberPrivacy,
  MemberPrivacyDto,
  UpdateMemberPrivacyDto,
} from './privacy.dto';
import { PrivacyService } from './privacy.service';

/** What is kept of one person: all of it to take away, or to take out. */
@ApiResource('members')
export class MemberPrivacyController {
  constructor(
    private readonly privacy: PrivacyService,
    private readonly exports: MemberExport,
  ) {}

  @Get(':id/privacy')
  @Allow('viewer')
  @ApiOperation({ summary: 'Legal hold, and whether the person was erased' })
  @ZodResponse({ status: 200, type: MemberPrivacyDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<MemberPrivacy> {
    return this.privacy.member(caller, id);
  }

  @Patch(':id/privacy')
  @Allow('owner')
  @ApiOperation({ summary: 'Set the legal hold' })
  @ZodResponse({ status: 200, type: MemberPrivacyDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateMemberPrivacyDto,
  ): Promise<MemberPrivacy> {
    return this.privacy.updateMember(caller, id, patch);
  }

  @Post(':id/erase')
  @Allow('owner')
  @HttpCode(200)
  @ApiOperation({ summary: 'Erase all that the person said, was answered and sent; numbers stay' })
  @ZodResponse({ status: 200, type: ErasureDto })
  erase(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ErasureView> {
    return this.privacy.erase(caller, id);
  }

  @Get(':id/export')
  @Allow('owner')
  @ReadsContent()
  @Header('content-type', 'application/x-ndjson')
  @Header('content-disposition', 'attachment; filename="member.ndjson"')
  @ApiOperation({ summary: 'All that is kept of the person, as NDJSON' })
  @ApiProduces('application/x-ndjson')
  @ApiResponse({ status: 200, description: 'One thing a line', schema: { type: 'string' } })
  async export(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<StreamableFile> {
    const lines = await this.exports.of(caller, id);
    return new StreamableFile(Readable.from(lines, { highWaterMark: 1 }));
  }
}
