import { Get, Header, Query } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { ReadsContent } from '../http/reads-content.decorator';
import {
  ExportFeedbackDto,
  FeedbackListDto,
  type FeedbackView,
  ListFeedbackDto,
} from './feedback.dto';
import { FeedbackService } from './feedback.service';

/** Thumbs and words of people about answers. */
@ApiResource('feedback')
export class FeedbackController {
  constructor(private readonly feedback: FeedbackService) {}

  @Get()
  @Allow('viewer')
  @ReadsContent()
  @ApiOperation({ summary: 'List feedback, newest first' })
  @ZodResponse({ status: 200, type: FeedbackListDto })
  list(@Who() caller: Caller, @Query() query: ListFeedbackDto): Promise<Page<FeedbackView>> {
    return this.feedback.list(caller, query);
  }

  @Get('export')
  @Allow('viewer')
  @ReadsContent()
  @Header('content-type', 'text/csv; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="feedback.csv"')
  @ApiOperation({ summary: 'The same as CSV, 50,000 rows at most' })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200, description: 'CSV', schema: { type: 'string' } })
  export(@Who() caller: Caller, @Query() query: ExportFeedbackDto): Promise<string> {
    return this.feedback.csv(caller, query);
  }
}
