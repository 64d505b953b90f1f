import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { cleanupOpenApiDoc } from 'nestjs-zod';

import { API_BASE } from '../http/api-resource.decorator';
import { describeCommonParts } from './common-parts';
import { withDtoSchemas } from './dto-schemas';

const DOCUMENT_PATH = 'api/openapi.json';
const UI_PATH = 'api/docs';

/** OpenAPI 3.1 of everything under the base path, made from the same schemas that check the requests. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Carillon admin API')
    .setDescription(
      'Many DingTalk AI bots as one service: configure them, run them, see what they do.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key (cak_…)' }, 'key')
    .addCookieAuth('carillon_session', { type: 'apiKey', in: 'cookie' }, 'session')
    .addServer('/')
    .build();
  const document = cleanupOpenApiDoc(
    SwaggerModule.createDocument(app, config, {
      operationIdFactory: (controller, method) =>
        `${controller.replace(/Controller$/, '')}_${method}`,
    }),
    { version: '3.1' },
  );
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith(`/${API_BASE}/`));
  return describeCommonParts(withDtoSchemas({ ...document, paths: Object.fromEntries(paths) }));
}

/** The document and a UI for it, both served from here alone. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup(UI_PATH, app, () => openApiDocument(app), {
    jsonDocumentUrl: DOCUMENT_PATH,
    raw: ['json'],
    customSiteTitle: 'Carillon admin API',
    swaggerOptions: { persistAuthorization: true, validatorUrl: null },
  });
}
