import type { NextFunction, Request, Response } from 'express';

import { correlation, newId } from '@common/kernel';

const ACCEPTED = /^[\w.:-]{1,100}$/;

/** Gives every request its correlation id: the caller's own when it is a plain word, else a new one. */
export function withCorrelation(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['x-correlation-id'];
  const correlationId = typeof given === 'string' && ACCEPTED.test(given) ? given : newId();
  response.setHeader('x-correlation-id', correlationId);
  correlation.run({ correlationId }, () => next());
}
