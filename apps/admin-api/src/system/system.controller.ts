import { Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { type SystemInfo, SystemInfoDto } from './system.dto';
import { SystemService } from './system.service';

/** The installation. */
@ApiResource('system')
export class SystemController {
  constructor(private readonly system: SystemService) {}

  @Get('info')
  @Allow('viewer')
  @ApiOperation({ summary: 'Versions, schema, stores, processes' })
  @ZodResponse({ status: 200, type: SystemInfoDto })
  info(@Who() caller: Caller): Promise<SystemInfo> {
    return this.system.info(caller);
  }
}
