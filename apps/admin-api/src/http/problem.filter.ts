import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';

import { correlation } from '@common/kernel';
import { Logger } from '@common/logging';

import { bugProblem, problemOf } from './problem';

/** Every failure leaves as `application/problem+json`, and never with a stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.end();
      return;
    }
    if (isReadinessAnswer(error)) {
      response.status(error.getStatus()).json(error.getResponse());
      return;
    }
    const requestId = correlation.getStore()?.correlationId;
    const problem = problemOf(error, requestId) ?? bugProblem(requestId);
    if (problem.status >= 500)
      this.logger[problem.status === 503 ? 'warn' : 'error']('request failed', {
        code: problem.code,
        error,
      });
    if (problem.status === 401) response.setHeader('www-authenticate', 'Bearer');
    if (problem.status === 429)
      response.setHeader('retry-after', String(/wait (\d+) s/.exec(problem.detail)?.[1] ?? 5));
    if (problem.status === 503) response.setHeader('retry-after', '1');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

/** `/readyz` answers supervisors in its own words, the same for every service. */
function isReadinessAnswer(error: unknown): error is HttpException {
  if (!(error instanceof HttpException)) return false;
  const body = error.getResponse();
  return typeof body === 'object' && (body as { status?: unknown }).status === 'not_ready';
}
