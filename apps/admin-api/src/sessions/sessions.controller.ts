import { Get, Param, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { ReadsContent } from '../http/reads-content.decorator';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  ListMessagesDto,
  ListSessionsDto,
  MessageListDto,
  type MessageView,
  SessionDto,
  SessionListDto,
  type SessionView,
} from './sessions.dto';
import { SessionsService } from './sessions.service';

/** Contexts in which people talk with bots. */
@ApiResource('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List sessions, latest activity first' })
  @ZodResponse({ status: 200, type: SessionListDto })
  list(@Who() caller: Caller, @Query() query: ListSessionsDto): Promise<Page<SessionView>> {
    return this.sessions.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One session' })
  @ZodResponse({ status: 200, type: SessionDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<SessionView> {
    return this.sessions.get(caller, id);
  }

  @Get(':id/messages')
  @Allow('viewer')
  @ReadsContent()
  @ApiOperation({ summary: 'What was said, in order' })
  @ZodResponse({ status: 200, type: MessageListDto })
  messages(
    @Who() caller: Caller,
    @Param('id', UuidParam) id: string,
    @Query() query: ListMessagesDto,
  ): Promise<Page<MessageView>> {
    return this.sessions.messages(caller, id, query);
  }
}
