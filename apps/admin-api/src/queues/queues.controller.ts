import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow, PlatformOnly } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import {
  type FailedJob,
  FailedJobListDto,
  ListFailedDto,
  QueueDto,
  QueueListDto,
  type QueueView,
  RetryJobsDto,
} from './queues.dto';
import { QueuesService } from './queues.service';

/** What waits between the services. */
@ApiResource('queues')
export class QueuesController {
  constructor(private readonly queues: QueuesService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'Every queue with its counts' })
  @ZodResponse({ status: 200, type: QueueListDto })
  list(): Promise<Page<QueueView>> {
    return this.queues.list();
  }

  @Get(':name')
  @Allow('viewer')
  @ApiOperation({ summary: 'One queue with its counts' })
  @ZodResponse({ status: 200, type: QueueDto })
  get(@Param('name') name: string): Promise<QueueView> {
    return this.queues.get(name);
  }

  @Get(':name/failed')
  @Allow('viewer')
  @ApiOperation({ summary: 'Failed jobs, newest first (a tenant’s key sees its own)' })
  @ZodResponse({ status: 200, type: FailedJobListDto })
  failed(
    @Who() caller: Caller,
    @Param('name') name: string,
    @Query() query: ListFailedDto,
  ): Promise<Page<FailedJob>> {
    return this.queues.failed(caller, name, query);
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Allow('operator')
  @PlatformOnly()
  @ApiOperation({ summary: 'Let nobody take jobs, for all tenants' })
  @ZodResponse({ status: 200, type: QueueDto })
  pause(@Who() caller: Caller, @Param('name') name: string): Promise<QueueView> {
    return this.queues.pause(caller, name);
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Allow('operator')
  @PlatformOnly()
  @ApiOperation({ summary: 'Let jobs be taken again' })
  @ZodResponse({ status: 200, type: QueueDto })
  resume(@Who() caller: Caller, @Param('name') name: string): Promise<QueueView> {
    return this.queues.resume(caller, name);
  }

  @Post(':name/retry')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Drive failed jobs again (a tenant’s key drives its own)' })
  @ApiBody({ type: RetryJobsDto, required: false })
  @ZodResponse({ status: 200, type: QueueDto })
  retry(
    @Who() caller: Caller,
    @Param('name') name: string,
    @Body() body: RetryJobsDto | undefined,
  ): Promise<QueueView> {
    return this.queues.retry(caller, name, body?.jobId);
  }
}
