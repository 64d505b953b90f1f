import { Body, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { UuidParam } from '../http/uuid-param.pipe';
import { ChannelSecrets } from './channel-secrets.service';
import type { ChannelView } from './channel-view';
import { ChannelDto, NewSecretDto } from './channels.dto';

/** Changing a client secret without an interruption. */
@ApiResource('channels')
export class ChannelSecretsController {
  constructor(private readonly secrets: ChannelSecrets) {}

  @Post(':id/secrets')
  @Allow('admin')
  @ApiOperation({
    summary: 'Try a new client secret; it replaces the present one once DingTalk takes it',
  })
  @ZodResponse({ status: 201, type: ChannelDto })
  try(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Body() { clientSecret }: NewSecretDto,
  ): Promise<ChannelView> {
    return this.secrets.try(caller, id, clientSecret);
  }

  @Delete([':id/secrets', ':id/secrets/pending'])
  @Allow('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Drop a new client secret that is still being tried' })
  @ApiNoContentResponse()
  drop(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<void> {
    return this.secrets.drop(caller, id);
  }
}
