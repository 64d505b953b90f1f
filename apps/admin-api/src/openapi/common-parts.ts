import { STATUS_CODES } from 'node:http';

import type { OpenAPIObject } from '@nestjs/swagger';

import { errorCodes } from '../http/error-codes';
import { examples } from './examples';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const METHODS = ['get', 'post', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

/** Statuses that any operation may answer with; that a write may; that a change of a resource with a revision may. */
const ERRORS = [400, 401, 403, 404, 500, 503];
const WRITE_ERRORS = [409, 413, 415, 422];
const UPDATE_ERRORS = [412];

/** What every operation has in common, said once: headers, and errors as RFC 9457 problems. */
export function describeCommonParts(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [path, describeItem(path, item)]),
  );
  const components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM, ...problemSchemas() },
  };
  return { ...document, paths, components };
}

function describeItem(path: string, item: PathItem): PathItem {
  const described = METHODS.flatMap((method) => {
    const operation = item[method];
    return operation ? [[method, describe(path, method, operation)] as const] : [];
  });
  return { ...item, ...Object.fromEntries(described) };
}

function describe(path: string, method: Method, operation: Operation): Operation {
  const isWrite = method !== 'get';
  const isUpdate =
    ((method === 'patch' || method === 'delete') && hasRevision(path)) ||
    path.endsWith('/activate');
  const errors = [
    ...ERRORS,
    ...(isWrite ? WRITE_ERRORS : []),
    ...(isUpdate ? UPDATE_ERRORS : []),
    ...(isWrite && path.startsWith('/api/v1/session') && !path.includes('sessions') ? [429] : []),
  ];
  const parameters = [
    ...(operation.parameters ?? []),
    header('X-Tenant-Id', 'Tenant (id or slug) that a platform key acts in; unset: `default`'),
    header('X-Correlation-Id', 'Rides along into every log line; echoed'),
    ...(isWrite ? [header('X-CSRF-Token', 'Wanted of sessions, not of keys')] : []),
    ...(isWrite ? [header('Idempotency-Key', 'The same key and request is done once a day')] : []),
    ...(isUpdate ? [header('If-Match', 'ETag of the revision you mean to change')] : []),
  ];
  const isPublic = (operation as { 'x-public'?: unknown })['x-public'] === true;
  return {
    ...operation,
    ...(isPublic ? { security: [] } : {}),
    parameters,
    ...bodyOf(method, path, operation.requestBody),
    responses: { ...operation.responses, ...problems(errors) },
  };
}

const hasRevision = (path: string): boolean =>
  /\/(organizations|models|agents|channels)\/\{id\}$/.test(path);

const header = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

/** A merge patch may be sent under two media types, a document as people write it; and every body has an example. */
function bodyOf(method: Method, path: string, body: Operation['requestBody']): object {
  if (!body || !('content' in body)) return {};
  const json = body.content['application/json'];
  if (!json) return {};
  const example = examples[`${method.toUpperCase()} ${path.replace('/api/v1', '')}`];
  const shown = { ...json, ...(example === undefined ? {} : { example }) };
  const content = {
    'application/json': shown,
    ...(method === 'patch' ? { 'application/merge-patch+json': shown } : {}),
    ...(path.endsWith('/apply') ? { 'application/yaml': { schema: { type: 'string' } } } : {}),
  };
  return { requestBody: { ...body, content } };
}

const problems = (statuses: readonly number[]): Operation['responses'] =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: Object.entries(errorCodes[status] ?? {})
          .map(([code, sentence]) => `\`${code}\`: ${sentence}`)
          .join('. '),
        content: {
          'application/problem+json': {
            schema: { $ref: `#/components/schemas/Problem${status}` },
            examples: problemExamples(status),
          },
        },
      },
    ]),
  );

const problemExamples = (status: number) =>
  Object.fromEntries(
    Object.entries(errorCodes[status] ?? {}).map(([code, detail]) => [
      code,
      {
        value: {
          ...{
            type: `urn:carillon:problem:${code}`,
            title: STATUS_CODES[status],
            status,
            detail,
            code,
          },
          ...(code === 'invalid_input'
            ? { errors: [{ path: 'card.pace', message: 'Invalid option' }] }
            : {}),
          requestId: '01a21468-532b-71e5-a103-f987bbb995f8',
        },
      },
    ]),
  );

/** One for each status: a problem with one of its codes. */
const problemSchemas = () =>
  Object.fromEntries(
    Object.entries(errorCodes).map(([status, codes]) => [
      `Problem${status}`,
      {
        allOf: [{ $ref: '#/components/schemas/Problem' }],
        type: 'object' as const,
        properties: {
          status: { type: 'integer', const: Number(status) },
          code: { type: 'string', enum: Object.keys(codes) },
        },
      },
    ]),
  );

const text = (description: string) => ({ type: 'string', description });

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: text('URN of the code'),
    title: text('Of the HTTP status'),
    status: { type: 'integer' },
    detail: text('One sentence for people'),
    code: text('Stable word for machines'),
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: text('e.g. card.pace'), message: { type: 'string' } },
      },
    },
    requestId: text('The correlation id of the request'),
  },
} satisfies NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
