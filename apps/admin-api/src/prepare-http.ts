import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';

import { withCorrelation } from './http/correlation.middleware';
import { jsonBody } from './http/json-body.middleware';
import { serveOpenApi } from './openapi/openapi-document';
import { serveSetupPage } from './setup/serve-setup-page';

/** Everything the HTTP server needs before it listens. Nest skips its own body parsers: the body is read by then. */
export function prepareHttp(app: INestApplication): void {
  const express = app as NestExpressApplication;
  express.disable('x-powered-by');
  app.use(withCorrelation);
  app.use(
    helmet({
      // The API may be served over plain HTTP on loopback; whoever terminates TLS adds what belongs to it.
      contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
    }),
  );
  app.use(jsonBody);
  serveOpenApi(app);
  serveSetupPage(app);
}
