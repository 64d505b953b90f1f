import { Readable } from 'node:stream';

import { Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import type { Page } from '../http/page';
import {
  AuditListDto,
  AuditVerdictDto,
  type AuditVerdictView,
  type AuditView,
  ExportAuditDto,
  ListAuditDto,
} from './audit.dto';
import { AuditService } from './audit.service';

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;

/** Who did what: every write, and every read of what people wrote. */
@ApiResource('audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Allow('admin')
  @ApiOperation({ summary: 'The audit log, newest first' })
  @ZodResponse({ status: 200, type: AuditListDto })
  list(@Who() caller: Caller, @Query() query: ListAuditDto): Promise<Page<AuditView>> {
    return this.audit.list(caller, query);
  }

  @Get('export')
  @Allow('admin')
  @ApiOperation({ summary: 'The same as NDJSON or CSV, all of it' })
  @ApiProduces(...Object.values(TYPES))
  @ApiResponse({ status: 200, description: 'One row a line', schema: { type: 'string' } })
  export(@Who() caller: Caller, @Query() query: ExportAuditDto): StreamableFile {
    const lines = Readable.from(this.audit.lines(caller, query), { highWaterMark: 1 });
    return new StreamableFile(lines, {
      type: `${TYPES[query.format]}; charset=utf-8`,
      disposition: `attachment; filename="audit.${query.format}"`,
    });
  }

  @Get('verify')
  @Allow('admin')
  @ApiOperation({ summary: 'Whether the log is what was written; else its first broken row' })
  @ZodResponse({ status: 200, type: AuditVerdictDto })
  verify(@Who() caller: Caller): Promise<AuditVerdictView> {
    return this.audit.verify(caller);
  }
}
