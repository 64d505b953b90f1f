import { listen, type LiveEvent } from './live-events';

/** An API whose streams are these; remembers what it was asked. */
function anApi(...streams: (string | Error | Response)[]) {
  const asked: { url: URL; lastId: string | null }[] = [];
  const fetch = (url: URL, { headers }: RequestInit): Promise<Response> => {
    asked.push({ url, lastId: new Headers(headers).get('last-event-id') });
    const stream = streams.shift() ?? new Error('no more');
    if (stream instanceof Error) return Promise.reject(stream);
    return Promise.resolve(typeof stream === 'string' ? new Response(stream) : stream);
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
}
const frame = (id: number, type: string) => `id: ${id}\nevent: ${type}\ndata: {"n":${id}}\n\n`;
const url = 'http://carillon.test';

describe('listening', () => {
  const take = async (events: AsyncGenerator<LiveEvent>, count: number): Promise<LiveEvent[]> => {
    const taken: LiveEvent[] = [];
    for await (const event of events) {
      taken.push(event);
      if (taken.length === count) break;
    }
    return taken;
  };

  it('goes on where it was, after an end and after a failure', async () => {
    const api = anApi(frame(1, 'turn') + frame(2, 'turn'), new Error('away'), frame(3, 'channel'));

    const heard = await take(listen({ url, fetch: api.fetch, retryMs: 0, types: ['turn'] }), 3);
    expect(heard.map(({ id, type, data }) => [id, type, data])).toEqual([
      ['1', 'turn', { n: 1 }],
      ['2', 'turn', { n: 2 }],
      ['3', 'channel', { n: 3 }],
    ]);
    expect(api.asked.map(({ lastId }) => lastId)).toEqual([null, '2', '2']);
    expect(api.asked[0]?.url.search).toBe('?types=turn');
  });

  it('ends with what the API refuses', async () => {
    const refusal = new Response('{"code":"forbidden","detail":"No."}', { status: 403 });
    const events = listen({ url, fetch: anApi(refusal).fetch, retryMs: 0 });
    await expect(events.next()).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('ends when it is told to', async () => {
    const enough = AbortSignal.abort();
    const events = listen({ url, fetch: anApi().fetch, signal: enough });
    expect(await events.next()).toMatchObject({ done: true });
  });
});
