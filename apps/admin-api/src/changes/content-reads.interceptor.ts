import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { mergeMap, type Observable } from 'rxjs';

import type { AuthenticatedRequest } from '../auth/caller.decorator';
import { READS_CONTENT } from '../http/reads-content.decorator';
import { ChangeLog } from './change-log';

/** Words that people searched for may be what others wrote; the log says that there was a search. */
const FREE_TEXT = new Set(['q', 'text', 'name', 'identity', 'cursor']);

/** Every read of what people wrote is in the audit log before it is answered. */
@Injectable()
export class ContentReadsInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly changes: ChangeLog,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.reflector.get<boolean>(READS_CONTENT, context.getHandler())) return next.handle();
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { caller, params } = request;
    if (!caller) throw new Error('a route shows content but has no guard');
    const read = {
      action: actionOf(request.path),
      resourceId: typeof params.id === 'string' ? params.id : null,
      filter: filterOf(request.query),
    };
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        await this.changes.noteRead(caller, read);
        return answer;
      }),
    );
  }
}

/** `/api/v1/sessions/…/messages`: `session-messages.read`; an export says that it is one. */
function actionOf(path: string): string {
  const parts = path.split('/').slice(3);
  const isExport = parts.at(-1) === 'export';
  const nouns = parts.filter((part) => /^[a-z-]+$/.test(part) && part !== 'export');
  return `${nouns.join('-')}.${isExport ? 'export' : 'read'}`;
}

const filterOf = (query: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, FREE_TEXT.has(name) ? '…' : value]),
  );
