import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import {
  anApp,
  FakeApi,
  failureOf,
  hang,
  invalidToken,
  json,
  raw,
  reset,
} from './fake-api.fixture';
import type { ApiCall, CallRecord } from './open-api.client';

let api: FakeApi;
beforeEach(async () => (api = await new FakeApi().listen()));
afterEach(() => api.close());

const aCall = (fields: Partial<ApiCall> = {}): ApiCall => ({
  app: anApp(),
  method: 'PUT',
  path: '/v1.0/card/streaming',
  body: { a: 'x' },
  ...fields,
});

describe('OpenApi', () => {
  it('sends the token in its header and gives back the body', async () => {
    api.fallback = json(200, { result: 7 });
    const records: CallRecord[] = [];
    const { api: openApi } = api.aClient({ onCall: (record) => records.push(record) });
    const call = aCall({ method: 'GET', path: '/v1.0/x/42?k=v', pathTemplate: '/v1.0/x/{id}' });
    expect(await openApi.call(call)).toEqual({ result: 7 });
    expect(api.calls[0]).toMatchObject({ method: 'GET', path: '/v1.0/x/42?k=v', token: 'token-1' });
    expect(records).toEqual([
      {
        clientId: 'ding1',
        api: '/v1.0/x/{id}',
        status: 200,
        durationMs: expect.any(Number) as number,
      },
    ]);
  });

  it('calls the app’s own platform with its token there', async () => {
    const own = await new FakeApi().listen();
    own.fallback = json(200, { errcode: 0, result: { name: 'Li' } });
    const endpoint = { apiUrl: own.url, oapiUrl: own.url, isTrusted: true };
    const client = api.aClient();
    await client.api.call(aCall({ app: { ...anApp(), endpoint } }));
    const markdown = { title: 't', text: 'x' };
    await client.webhooks.reply(
      `${own.url}/robot/sendBySession?session=1`,
      { markdown },
      { endpoint },
    );
    const person = await client.directory.person({ ...anApp(), endpoint }, '1');
    expect(person?.name).toBe('Li');
    expect(own.calls).toHaveLength(3);
    expect([...api.calls, ...api.tokenCalls]).toEqual([]);
    await own.close();
  });

  it('C3 C4 fetches a new token for a refused one and repeats once, unseen by the caller', async () => {
    api.answers = [invalidToken];
    await api.aClient().api.call(aCall());
    expect(api.calls.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
  });

  it('C3 does the same for a 401, and gives up after one repetition', async () => {
    api.fallback = raw(401, '');
    expect(await failureOf(api.aClient().api.call(aCall()))).toMatchObject({
      code: 'dingtalk_token_refused',
    });
    expect(api.calls).toHaveLength(2);
    expect(api.tokenCalls).toHaveLength(2);
  });

  it('C4 renews a revoked token once for many calls under way', async () => {
    const { api: openApi } = api.aClient();
    await openApi.call(aCall());
    api.fallback = (response, { token }) =>
      (token === 'token-1' ? invalidToken : json(200, {}))(response);
    await Promise.all(Array.from({ length: 20 }, () => openApi.call(aCall())));
    expect(api.tokenCalls).toHaveLength(2);
  });

  it('C54 sends no lone surrogate and no NUL', async () => {
    await api.aClient().api.call(aCall({ body: { deep: [{ text: 'a\ud83d\0👍' }] } }));
    expect(api.calls[0]?.body).toEqual({ deep: [{ text: 'a\ufffd👍' }] });
  });

  it('C64 does not know what became of a call whose connection was reset', async () => {
    const { api: openApi } = api.aClient();
    await openApi.call(aCall());
    api.answers = [reset];
    expect(await failureOf(openApi.call(aCall()))).toMatchObject({
      code: 'dingtalk_unknown_outcome',
      outcome: 'unknown',
      details: { api: '/v1.0/card/streaming' },
    });
    expect(api.calls).toHaveLength(2);
  });

  it('C65 gives up a slow call by its own clock, or when the caller does', async () => {
    api.fallback = hang;
    const { api: openApi } = api.aClient();
    const late = failureOf(openApi.call(aCall(), { timeoutMs: 40 }));
    expect(await late).toMatchObject({ outcome: 'unknown', details: { networkCode: 'timeout' } });
    const aborted = new AbortController();
    const failure = failureOf(openApi.call(aCall(), { signal: aborted.signal }));
    aborted.abort();
    expect(await failure).toMatchObject({
      code: expect.stringMatching(/unavailable|unknown/) as string,
    });
    expect(await failureOf(openApi.call(aCall(), { signal: aborted.signal }))).toMatchObject({
      outcome: 'not_processed',
    });
  });

  it('C65 counts the wait for a token into the time of the call, as not processed', async () => {
    api.answerToken = hang;
    const failure = failureOf(api.aClient().api.call(aCall(), { timeoutMs: 40 }));
    expect(await failure).toMatchObject({ code: 'dingtalk_unavailable', outcome: 'not_processed' });
    expect(api.calls).toHaveLength(0);
  });

  it('C15 knows a refused connection as not processed', async () => {
    const { api: openApi } = api.aClient({ apiUrl: 'http://127.0.0.1:1' });
    expect(await failureOf(openApi.call(aCall()))).toMatchObject({
      code: 'dingtalk_unavailable',
      details: { networkCode: 'ECONNREFUSED' },
    });
  });

  it('reads no more than a megabyte of an answer that never ends', async () => {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
        const pump = (): void => {
          while (!socket.destroyed && socket.write(chunk)) continue;
        };
        socket.on('drain', pump);
        pump();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = api.aClient({ apiUrl: `http://127.0.0.1:${port}` });
    expect(await failureOf(client.api.call(aCall()))).toMatchObject({
      code: 'dingtalk_unavailable',
    });
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  });
});
