import { Body, Get, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { Response } from 'express';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import {
  API_VERSION,
  ApplyDto,
  ApplyQueryDto,
  type ApplyResult,
  ApplyResultDto,
  ExportQueryDto,
  manifest,
} from './manifest.dto';
import { ManifestApplier } from './manifest-applier.service';
import { readYaml, writeYaml } from './manifest-text';
import { PresentStateReader } from './present-state.service';

/** Models, tool servers, agents and channels as one document, without secrets. */
@ApiResource('')
export class ManifestsController {
  constructor(
    private readonly state: PresentStateReader,
    private readonly applier: ManifestApplier,
  ) {}

  @Get('export')
  @Allow('viewer')
  @Header('content-disposition', 'attachment; filename="carillon.yaml"')
  @ApiOperation({ summary: 'What is configured, as a document to apply; without secrets' })
  @ApiResponse({
    status: 200,
    description: 'A document for `POST /apply`',
    content: {
      'application/yaml': { schema: { type: 'string' } },
      'application/json': { schema: { $ref: getSchemaPath(ApplyDto) } },
    },
  })
  async export(
    @Who() caller: Caller,
    @Query() { kinds, format }: ExportQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const state = await this.state.read(caller);
    const parts = kinds.map((section) => [
      section,
      state.of[section].map(({ id, name, item }) =>
        // Two of one name are told apart by their ids.
        state.names.isUnique(section, name) ? item : { id, ...item },
      ),
    ]);
    const document = { apiVersion: API_VERSION, ...Object.fromEntries(parts) };
    response.type(format === 'yaml' ? 'application/yaml' : 'application/json');
    return format === 'yaml' ? writeYaml(document) : JSON.stringify(document);
  }

  @Post('apply')
  @HttpCode(200)
  @Allow('admin')
  @ApiOperation({
    summary: 'Make what is configured look like a document; what it does not name stays',
  })
  @ApiBody({ type: ApplyDto })
  @ZodResponse({ status: 200, type: ApplyResultDto })
  apply(
    @Who() caller: Caller,
    @Query() { dryRun }: ApplyQueryDto,
    @Body() body: unknown,
  ): Promise<ApplyResult> {
    const document = manifest.parse(typeof body === 'string' ? readYaml(body) : body);
    return this.applier.apply(caller, document, dryRun);
  }
}
