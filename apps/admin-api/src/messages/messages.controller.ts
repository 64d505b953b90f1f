import { Get, Header, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { ReadsContent } from '../http/reads-content.decorator';
import {
  ExportMessagesDto,
  type FoundMessage,
  FoundMessageListDto,
  SearchMessagesDto,
} from './messages.dto';
import { MessagesService } from './messages.service';

/** What was said, across sessions. */
@ApiResource('messages')
export class MessagesController {
  constructor(private readonly messages: MessagesService) {}

  @Get()
  @Allow('viewer')
  @ReadsContent()
  @ApiOperation({ summary: 'Search messages, newest first' })
  @ZodResponse({ status: 200, type: FoundMessageListDto })
  search(@Who() caller: Caller, @Query() query: SearchMessagesDto): Promise<Page<FoundMessage>> {
    return this.messages.search(caller, query);
  }

  @Get('export')
  @Allow('viewer')
  @ReadsContent()
  @Header('content-type', 'application/x-ndjson')
  @Header('content-disposition', 'attachment; filename="messages.ndjson"')
  @ApiOperation({ summary: 'The same as NDJSON, all of it, one message a line' })
  @ApiProduces('application/x-ndjson')
  @ApiResponse({ status: 200, description: 'One FoundMessage a line', schema: { type: 'string' } })
  async export(@Who() caller: Caller, @Query() query: ExportMessagesDto): Promise<StreamableFile> {
    return new StreamableFile(await this.messages.export(caller, query));
  }
}
