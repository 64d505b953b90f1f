import { Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow, PlatformOnly } from '../auth/allow.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { MasterKeysDto, type MasterKeysView } from './keys.dto';
import { KeysService } from './keys.service';

/** The keys that seal secrets at rest; never the keys themselves. */
@ApiResource('system/keys')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @Get()
  @Allow('operator')
  @PlatformOnly()
  @ApiOperation({ summary: 'Master keys in use, and how far rows are sealed with the first one' })
  @ZodResponse({ status: 200, type: MasterKeysDto })
  view(): Promise<MasterKeysView> {
    return this.keys.view();
  }
}
