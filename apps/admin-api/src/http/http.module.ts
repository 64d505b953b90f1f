import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ZodSerializerInterceptor, ZodValidationPipe } from 'nestjs-zod';

import { ChangesModule } from '../changes/changes.module';
import { ContentReadsInterceptor } from '../changes/content-reads.interceptor';
import { IdempotencyInterceptor } from '../changes/idempotency.interceptor';
import { EtagInterceptor } from './etag.interceptor';
import { ProblemFilter } from './problem.filter';

/**
 * What every request passes. Answers go through the interceptors from last to first: what the schema does not know is
 * dropped, then the answer may be kept, then its ETag is set.
 */
@Module({
  imports: [ChangesModule],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: ZodValidationPipe },
    { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_INTERCEPTOR, useClass: ZodSerializerInterceptor },
    { provide: APP_INTERCEPTOR, useClass: ContentReadsInterceptor },
  ],
})
export class HttpModule {}
