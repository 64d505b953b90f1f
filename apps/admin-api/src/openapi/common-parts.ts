import type { OpenAPIObject } from '@nestjs/swagger';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const METHODS = ['get', 'post', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

const ERRORS: Readonly<Record<string, string>> = {
  400: 'Something in the request is wrong; `errors` names the fields',
  401: 'No valid key',
  403: 'The key may not do this',
  404: 'There is no such resource in this tenant',
  500: 'A bug of ours',
  503: 'A store is away; try again in a moment',
};
const WRITE_ERRORS: Readonly<Record<string, string>> = {
  409: 'The request contradicts what is; `code` says how',
  413: 'The body is larger than 1 MB',
  415: 'The body is not JSON',
  422: 'The Idempotency-Key was used for another request',
};
const UPDATE_ERRORS = { 412: 'If-Match names a revision that is no longer the current one' };

/** What every operation has in common, said once: headers, and errors as RFC 9457 problems. */
export function describeCommonParts(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [path, describeItem(path, item)]),
  );
  const components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
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
  const errors = {
    ...ERRORS,
    ...(isWrite ? WRITE_ERRORS : {}),
    ...(isUpdate ? UPDATE_ERRORS : {}),
  };
  const parameters = [
    ...(operation.parameters ?? []),
    header('X-Tenant-Id', 'Tenant (id or slug) that a platform key acts in; unset: `default`'),
    header('X-Correlation-Id', 'Rides along into every log line; echoed'),
    ...(isWrite ? [header('Idempotency-Key', 'The same key and request is done once a day')] : []),
    ...(isUpdate ? [header('If-Match', 'ETag of the revision you mean to change')] : []),
  ];
  return {
    ...operation,
    parameters,
    ...(method === 'patch' ? { requestBody: asMergePatch(operation.requestBody) } : {}),
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

/** The same body under both media types that a merge patch may be sent as. */
function asMergePatch(body: Operation['requestBody']): NonNullable<Operation['requestBody']> {
  if (!body || !('content' in body)) return { content: {} };
  const schema = body.content['application/json'];
  return schema
    ? { ...body, content: { ...body.content, 'application/merge-patch+json': schema } }
    : body;
}

const problems = (errors: Readonly<Record<string, string>>): Operation['responses'] =>
  Object.fromEntries(
    Object.entries(errors).map(([status, description]) => [
      status,
      {
        description,
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
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
