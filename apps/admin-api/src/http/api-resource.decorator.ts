import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';

import { ApiKeyGuard } from '../auth/api-key.guard';

export const API_BASE = 'api/v1';

/** A controller of the REST API: under the base path, behind the guard, in the OpenAPI document. */
export const ApiResource = (path: string) =>
  applyDecorators(
    Controller(`${API_BASE}/${path}`),
    UseGuards(ApiKeyGuard),
    ApiTags(path),
    ApiBearerAuth('key'),
  );
