import { Body, Get, Param, Patch } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { UuidParam } from '../http/uuid-param.pipe';
import { type ChannelPrivacy, ChannelPrivacyDto, UpdateChannelPrivacyDto } from './privacy.dto';
import { PrivacyService } from './privacy.service';

/** How long a channel keeps words, and whether it is held. */
@ApiResource('channels')
export class ChannelPrivacyController {
  constructor(private readonly privacy: PrivacyService) {}

  @Get(':id/privacy')
  @Allow('viewer')
  @ApiOperation({ summary: 'How long words are kept, and whether they are held' })
  @ZodResponse({ status: 200, type: ChannelPrivacyDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<ChannelPrivacy> {
    return this.privacy.channel(caller, id);
  }

  @Patch(':id/privacy')
  @Allow('owner')
  @ApiOperation({ summary: 'Set retention and legal hold' })
  @ZodResponse({ status: 200, type: ChannelPrivacyDto })
  update(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() patch: UpdateChannelPrivacyDto,
  ): Promise<ChannelPrivacy> {
    return this.privacy.updateChannel(caller, id, patch);
  }
}
