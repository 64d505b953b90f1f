import { z } from 'zod';

import { type Answer, RunningAdminApi } from './admin-api.fixture';

type Schema = Record<string, unknown>;
interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags: string[];
  readonly security: object[];
  readonly parameters?: { name: string; in: string }[];
  readonly requestBody?: { content: Record<string, { schema: Schema; example?: object }> };
  readonly responses: Record<
    string,
    { description?: string; content?: Record<string, { schema: Schema }> }
  >;
}

describe('the OpenAPI document', () => {
  let api: RunningAdminApi;
  let answer: Answer;
  let operations: [string, string, Operation][];

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    answer = await api.get('/api/openapi.json', { key: null });
    operations = Object.entries<Record<string, Operation>>(answer.body.paths).flatMap(
      ([path, item]) =>
        Object.entries(item).map(([method, one]): [string, string, Operation] => [
          method,
          path,
          one,
        ]),
    );
  });
  afterAll(() => api.stop());

  it('is OpenAPI 3.1 and open to everybody', () => {
    expect(answer.status).toBe(200);
    expect(answer.body.openapi).toBe('3.1.0');
    expect(answer.body.info).toMatchObject({ title: 'Carillon admin API' });
  });

  it('describes of each route its success, its failures and its key', () => {
    for (const [method, path, operation] of operations) {
      const where = `${method} ${path}`;
      const { responses } = operation;
      const success = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect([where, success.length]).toEqual([where, 1]);
      const [status, response] = success[0] ?? [];
      expect([
        where,
        status === '204' ||
          ['application/json', 'text/csv', 'application/x-ndjson', 'text/event-stream'].some(
            (type) => response?.content?.[type] !== undefined,
          ),
      ]).toEqual([where, true]);
      const wanted = [
        '400',
        '401',
        '403',
        '404',
        '500',
        '503',
        ...(method === 'get' ? [] : ['409', '422']),
      ];
      for (const code of wanted)
        expect([where, code, responses[code]?.content]).toEqual([
          where,
          code,
          {
            'application/problem+json': {
              schema: { $ref: `#/components/schemas/Problem${code}` },
              examples: expect.any(Object),
            },
          },
        ]);
      const isOpen = path === '/api/v1/session' && method === 'post';
      const security = isOpen ? [] : expect.arrayContaining([{ key: [] }, { session: [] }]);
      expect([where, operation.security]).toEqual([where, security]);
      expect([where, operation.summary]).toEqual([where, expect.any(String)]);
      for (const name of path.match(/(?<=\{)\w+/g) ?? [])
        expect(operation.parameters).toContainEqual(expect.objectContaining({ name, in: 'path' }));
    }
    const ids = operations.map(([, , operation]) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes every body that may be sent', () => {
    for (const [method, path, operation] of operations) {
      const takesBody = method === 'patch' || (method === 'post' && !/\{/.test(path));
      if (!takesBody || path.endsWith('/session/totp')) continue;
      const content = Object.keys(operation.requestBody?.content ?? {});
      expect([path, content]).toEqual([path, expect.arrayContaining(['application/json'])]);
    }
  });

  it('shows a body that works for every route that takes one', () => {
    for (const [method, path, operation] of operations) {
      const body = operation.requestBody?.content['application/json'];
      if (!body) continue;
      const name = String(body.schema['$ref']).replace('#/components/schemas/', '');
      const { error } = schemaNamed(name).safeParse(body.example);
      expect([method, path, body.example, error?.issues]).toEqual([
        ...[method, path, expect.any(Object), undefined],
      ]);
    }
  });

  /** The document's schema of this name, as something that can check a value. */
  function schemaNamed(name: string): z.ZodType {
    const asDefinitions = answer.text.replaceAll('#/components/schemas/', '#/$defs/');
    const { schemas } = JSON.parse(asDefinitions).components;
    return z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: schemas });
  }

  it('contains schemas that can be read and lead somewhere', () => {
    const names = Object.keys(answer.body.components.schemas);

    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(() => schemaNamed(name)).not.toThrow();
    const references = [...answer.text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    for (const to of references)
      expect(names).toContain(String(to).replace('#/components/schemas/', ''));
    expect(answer.text).not.toContain('x-nestjs_zod');
  });

  it('describes answers as they are', async () => {
    const channel = await api.channel();
    const agent = await api.created('/agents', {
      name: 'A',
      kind: 'demo',
      tools: ['current_time'],
    });
    const paths: Record<string, string> = {
      '/channels': '/channels',
      '/channels/{id}': `/channels/${channel.id}`,
      '/channels/{id}/status': `/channels/${channel.id}/status`,
      '/agents/{id}': `/agents/${agent.id}`,
      '/api-keys': '/api-keys',
      '/tenants': '/tenants',
    };

    for (const [path, url] of Object.entries(paths)) {
      const operation = answer.body.paths[`/api/v1${path}`].get as Operation;
      const schema = operation.responses['200']?.content?.['application/json']?.schema;
      const name = String(schema?.['$ref']).replace('#/components/schemas/', '');
      const checked = schemaNamed(name).safeParse((await api.get(url)).body);
      expect([path, checked.error?.issues ?? []]).toEqual([path, []]);
      expect([path, schemaNamed(name).safeParse({}).success]).toEqual([path, false]);
    }
  });

  it('never gives a secret a place in an answer', () => {
    const schemas = answer.body.components.schemas as Record<string, { properties?: object }>;
    for (const name of ['Channel', 'Model']) {
      const fields = Object.keys(schemas[name]?.properties ?? {});
      expect(fields.length).toBeGreaterThan(5);
      expect(fields).not.toContain('clientSecret');
      expect(fields).not.toContain('apiKey');
    }
  });
});
