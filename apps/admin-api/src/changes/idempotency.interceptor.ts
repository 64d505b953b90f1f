import { createHash } from 'node:crypto';

import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  RequestMethod,
} from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA } from '@nestjs/common/constants';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { defer, from, lastValueFrom, type Observable } from 'rxjs';

import { Logger } from '@common/logging';

import type { AuthenticatedRequest, Caller } from '../auth/caller.decorator';
import { ApiError, ConflictError } from '../http/api.errors';
import { IdempotencyRepository, type KeptAnswer } from './idempotency.repository';
import { type RunningWrite, runningWrite } from './running-write';

const WRITES = new Set(['POST', 'PATCH', 'DELETE']);
const KEY = /^[\x21-\x7e]{1,200}$/;

/** `Idempotency-Key`: the same key with the same request is done once and answered alike, for a day. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly answers: IdempotencyRepository,
    private readonly logger: Logger,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined || !request.caller || !WRITES.has(request.method)) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key))
      throw new ApiError(
        400,
        'invalid_idempotency_key',
        'Idempotency-Key must be 1 to 200 visible ASCII characters.',
      );
    const write = {
      scope: scopeOf(request.caller),
      key,
      status: this.successStatus(context),
      isKept: false,
    };
    const response = context.switchToHttp().getResponse<Response>();
    return defer(() => from(this.once(write, request, response, next)));
  }

  private async once(
    write: RunningWrite,
    request: AuthenticatedRequest,
    response: Response,
    next: CallHandler,
  ): Promise<unknown> {
    const claim = await this.answers.claim(write.scope, write.key, hashOf(request));
    switch (claim.kind) {
      case 'running':
        throw new ConflictError(
          'idempotency_key_in_use',
          'A request with this Idempotency-Key is still running.',
        );
      case 'other_request':
        throw new ApiError(
          422,
          'idempotency_key_reused',
          'This Idempotency-Key was used for another request.',
        );
      case 'answered':
        return replay(claim.answer, response);
      case 'mine':
        return this.run(write, next);
    }
  }

  private async run(write: RunningWrite, next: CallHandler): Promise<unknown> {
    let body: unknown;
    try {
      body = await runningWrite.run(write, () =>
        lastValueFrom(next.handle(), { defaultValue: undefined }),
      );
    } catch (error) {
      if (!write.isKept) await this.answers.giveUp(write.scope, write.key).catch(this.noted);
      throw error;
    }
    const { status } = write;
    if (!write.isKept) await this.answers.keep(undefined, write, { status, body });
    return body;
  }

  private readonly noted = (error: unknown): void =>
    this.logger.warn('idempotency key not released', { error });

  private successStatus(context: ExecutionContext): number {
    const handler = context.getHandler();
    const set = this.reflector.get<number | undefined>(HTTP_CODE_METADATA, handler);
    const method = this.reflector.get<RequestMethod>(METHOD_METADATA, handler);
    return set ?? (method === RequestMethod.POST ? 201 : 200);
  }
}

function replay(answer: KeptAnswer, response: Response): unknown {
  response.status(answer.status).setHeader('idempotency-replayed', 'true');
  return answer.status === 204 ? undefined : answer.body;
}

const scopeOf = (caller: Caller): string => `${caller.tenantId}/${caller.keyId}`;

const hashOf = (request: AuthenticatedRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([request.method, request.originalUrl, request.body ?? null]))
    .digest('hex');
