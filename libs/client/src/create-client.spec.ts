import { answered, createClient } from './create-client';
import { everyItem } from './every-item';

/** An API that gives these answers, one after the other, and remembers what it was asked. */
function anApi(...answers: (Response | Error)[]) {
  const asked: Request[] = [];
  const fetch = (request: Request): Promise<Response> => {
    asked.push(request);
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Response);
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
}
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
const url = 'http://carillon.test/';

describe('the client', () => {
  it('asks with its key, in its tenant', async () => {
    const api = anApi(json({ items: [], nextCursor: null }));
    const client = createClient({ url, key: 'cak_1', tenant: 'acme', fetch: api.fetch });

    await client.GET('/api/v1/channels', { params: { query: { limit: 5 } } });
    const [request] = api.asked;
    expect(request?.url).toBe('http://carillon.test/api/v1/channels?limit=5');
    expect(request?.headers.get('authorization')).toBe('Bearer cak_1');
    expect(request?.headers.get('x-tenant-id')).toBe('acme');
  });

  it('throws what the API refuses, with its code and fields', async () => {
    const errors = [{ path: 'name', message: 'is required' }];
    const problem = { code: 'invalid_input', detail: 'Some fields …', errors, requestId: 'r1' };
    const client = createClient({ url, fetch: anApi(json(problem, 400)).fetch });

    await expect(
      client.POST('/api/v1/agents', { body: { name: '', kind: 'demo' } }),
    ).rejects.toMatchObject({
      ...{ status: 400, code: 'invalid_input', message: 'Some fields …', errors, requestId: 'r1' },
    });
  });

  it('throws what somebody else answers, too, and that nobody does', async () => {
    const proxy = new Response('<html>', { status: 502, statusText: 'Bad Gateway' });
    const client = createClient({ url, fetch: anApi(proxy, new Error('ECONNREFUSED')).fetch });

    const ask = () => client.GET('/api/v1/queues');
    await expect(ask()).rejects.toMatchObject({ code: 'http_502' });
    await expect(ask()).rejects.toMatchObject({
      ...{ name: 'UnreachableError', url: 'http://carillon.test' },
    });
  });

  it('goes through all pages', async () => {
    const api = anApi(
      json({ items: [{ id: '1' }], nextCursor: 'c' }),
      json({ items: [], nextCursor: 'd' }),
      json({ items: [{ id: '2' }], nextCursor: null }),
    );
    const client = createClient({ url, fetch: api.fetch });

    const ids: string[] = [];
    const pages = everyItem((cursor) =>
      answered(client.GET('/api/v1/channels', { params: { query: cursor ? { cursor } : {} } })),
    );
    for await (const { id } of pages) ids.push(id);
    expect(ids).toEqual(['1', '2']);
    expect(api.asked.map((request) => new URL(request.url).search)).toEqual([
      ...['', '?cursor=c', '?cursor=d'],
    ]);
  });
});
