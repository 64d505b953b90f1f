import {
  BadRequestException,
  InternalServerErrorException,
  NotFoundException,
} from '@nestjs/common';
import { z } from 'zod';

import { AppError } from '@common/kernel';
import { DatabaseUnavailableError } from '@common/persistence';

import { ConflictError } from './api.errors';
import { bugProblem, problemOf } from './problem';

class OddError extends AppError {
  readonly code = 'odd';
  readonly retry = 'never';
}

describe('problemOf', () => {
  it('carries code, sentence and request id of an expected failure', () => {
    expect(problemOf(new ConflictError('in_use', 'It is in use.'), 'r1')).toEqual({
      type: 'urn:carillon:problem:in_use',
      title: 'Conflict',
      status: 409,
      detail: 'It is in use.',
      code: 'in_use',
      requestId: 'r1',
    });
  });

  it.each([
    [new DatabaseUnavailableError(new Error('x')), 503, 'database_unavailable'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 503, 'database_unavailable'],
    [Object.assign(new Error('deadlock detected'), { code: '40P01' }), 503, 'database_busy'],
    [new NotFoundException(), 404, 'not_found'],
    [new BadRequestException('%E0%A4%A'), 400, 'bad_request'],
    [new OddError('odd'), 500, 'odd'],
  ])('knows %p', (error, status, code) => {
    expect(problemOf(error, undefined)).toMatchObject({ status, code });
  });

  it('names wrong fields, and never their values', () => {
    const schema = z.strictObject({
      secret: z.string().max(3),
      group: z.object({ n: z.number() }),
    });
    const { error } = schema.safeParse({ secret: 'planted', group: { n: 'planted' }, extra: 1 });

    const problem = problemOf(error, undefined);

    expect(problem?.errors?.map(({ path }) => path)).toEqual(['secret', 'group.n', 'extra']);
    expect(JSON.stringify(problem)).not.toContain('planted');
  });

  it('tells nothing of a bug', () => {
    expect(problemOf(new TypeError('secret insides'), undefined)).toBeNull();
    expect(problemOf(new InternalServerErrorException('secret insides'), undefined)).toBeNull();
    expect(JSON.stringify(bugProblem('r'))).not.toContain('insides');
  });
});
