import { Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import { UuidParam } from '../http/uuid-param.pipe';
import {
  DeliveryDto,
  DeliveryListDto,
  type DeliveryView,
  ListDeliveriesDto,
} from './deliveries.dto';
import { DeliveriesService } from './deliveries.service';

/** How answers and replies became visible, and which did not. */
@ApiResource('deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List deliveries, newest first; state=undelivered is the desk' })
  @ZodResponse({ status: 200, type: DeliveryListDto })
  list(@Who() caller: Caller, @Query() query: ListDeliveriesDto): Promise<Page<DeliveryView>> {
    return this.deliveries.list(caller, query);
  }

  @Get(':id')
  @Allow('viewer')
  @ApiOperation({ summary: 'One delivery' })
  @ZodResponse({ status: 200, type: DeliveryDto })
  get(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<DeliveryView> {
    return this.deliveries.get(caller, id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Allow('operator')
  @ApiOperation({ summary: 'Show the text of an undelivered one again, in a new delivery' })
  @ZodResponse({ status: 200, type: DeliveryDto })
  retry(@Who() caller: Caller, @Param('id', UuidParam) id: string): Promise<DeliveryView> {
    return this.deliveries.retry(caller, id);
  }
}
