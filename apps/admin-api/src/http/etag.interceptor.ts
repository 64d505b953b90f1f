import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Observable, tap } from 'rxjs';

import { ApiError } from './api.errors';

export const etagOf = (revision: number): string => `"${revision}"`;

/** The `If-Match` header of an update, when the caller sent one. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<Request>().headers['if-match'];
});

/** @throws ApiError 412 when the caller changed a state that is no longer the current one */
export function checkRevision(revision: number, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!tags.includes(etagOf(revision)))
    throw new ApiError(
      412,
      'revision_mismatch',
      'Somebody changed this resource since you read it; read it again.',
    );
}

/** Sets `ETag` on every answer that is a single resource with a revision. */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      tap((body: unknown) => {
        const revision = (body as { revision?: unknown } | null | undefined)?.revision;
        if (typeof revision === 'number') response.setHeader('etag', etagOf(revision));
      }),
    );
  }
}
