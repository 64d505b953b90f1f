import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { CoreModule } from '@common/bootstrap';
import { PinoLogger } from '@common/logging';

import { AdminApiConfig } from '../admin-api.config';
import { AdminApiModule } from '../admin-api.module';
import { openApiDocument } from './openapi-document';

/** Prints the OpenAPI document to the standard output; needs an environment that is well formed, and no store. */
async function print(): Promise<void> {
  const config = new AdminApiConfig();
  const logger = new PinoLogger({
    service: 'admin-api',
    level: 'fatal',
    destination: { write: () => undefined },
  });
  @Module({})
  class Root {}
  const root = {
    module: Root,
    global: true,
    imports: [CoreModule.forRoot({ service: 'admin-api', config, logger }), AdminApiModule],
    providers: [{ provide: AdminApiConfig, useValue: config }],
    exports: [AdminApiConfig],
  };
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  const text = JSON.stringify(openApiDocument(app), null, 2);
  process.stdout.write(`${text}\n`, () => process.exit(0));
}

print().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
