import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiTags } from '@nestjs/swagger';

import { ApiKeyGuard } from '../auth/api-key.guard';

export const API_BASE = 'api/v1';

/** A controller of the REST API: under the base path (or right at it), behind the guard, in the OpenAPI document. */
export const ApiResource = (path: string) =>
  applyDecorators(
    Controller(path === '' ? API_BASE : `${API_BASE}/${path}`),
    UseGuards(ApiKeyGuard),
    ApiTags(path === '' ? 'documents' : path),
    ApiBearerAuth('key'),
    ApiCookieAuth('session'),
  );
