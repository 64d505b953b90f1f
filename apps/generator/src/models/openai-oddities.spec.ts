import { HastyClock } from '@common/testing';

import { aModel } from '../generation/claimed-turn.fixture';
import type { ModelAccess } from './model-access';
import { chunkOf, ModelServer, sse, streams } from './model-server.fixture';
import type { ModelPart } from './model-provider.port';
import { OpenAiProvider } from './openai-provider';
import { aVoice, secrets } from './voice.fixture';

/** What servers do that call themselves compatible. */
describe('OpenAiProvider: odd servers', () => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await new ModelServer().listen();
  });
  afterEach(() => server.close());

  async function hear(model: Partial<ModelAccess> = {}): Promise<ModelPart[]> {
    const provider = new OpenAiProvider(aVoice({ clock: new HastyClock() }).lines, secrets);
    const request = {
      model: aModel({ baseUrl: server.url, ...model }),
      instructions: '',
      messages: [{ role: 'user' as const, content: [{ kind: 'text' as const, text: 'Hi' }] }],
      tools: [],
    };
    const parts: ModelPart[] = [];
    for await (const part of provider.stream(request, new AbortController().signal))
      parts.push(part);
    return parts;
  }
  const call = (fields: object) => chunkOf({ tool_calls: [fields] });

  it('answers in one piece although a stream was asked for', async () => {
    server.acts = [
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
        const message = { role: 'assistant', content: 'Hello' };
        const usage = { prompt_tokens: 1, completion_tokens: 2 };
        response.end(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }], usage }));
      },
    ];
    expect(await hear()).toMatchObject([
      { text: 'Hello' },
      { usage: { inputTokens: 1, outputTokens: 2 } },
      { stop: 'end' },
    ]);
  });

  it('takes an address with a version in it, as Azure has them', async () => {
    server.acts = [streams([sse(chunkOf({ content: 'Hi' }))])];
    await hear({ baseUrl: `${server.url}/openai/deployments/d/?api-version=2024-10-21` });
    expect(server.requests[0]?.path).toBe(
      '/v1/openai/deployments/d/chat/completions?api-version=2024-10-21',
    );
  });

  it('is spared the stream options it does not know', async () => {
    server.acts = [streams([sse(chunkOf({ content: 'Hi' }))])];
    await hear({ params: { stream_options: null } });
    expect(server.requests[0]?.body).not.toHaveProperty('stream_options');
  });

  it.each([
    [
      'whole and without an index',
      [
        call({ id: 'a', function: { name: 'one', arguments: '{"x":1}' } }),
        call({ id: 'b', function: { name: 'two', arguments: '{}' } }),
      ],
      [
        { id: 'a', name: 'one', argumentsJson: '{"x":1}' },
        { id: 'b', name: 'two', argumentsJson: '{}' },
      ],
    ],
    [
      'without an id or arguments',
      [call({ index: 0, function: { name: 'one' } })],
      [{ id: 'call_0', name: 'one', argumentsJson: '{}' }],
    ],
    [
      'interleaved',
      [
        call({ index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } }),
        call({ index: 1, id: 'b', function: { name: 'two', arguments: '{"y"' } }),
        call({ index: 0, function: { arguments: ':1}' } }),
        call({ index: 1, function: { arguments: ':2}' } }),
      ],
      [
        { id: 'a', name: 'one', argumentsJson: '{"x":1}' },
        { id: 'b', name: 'two', argumentsJson: '{"y":2}' },
      ],
    ],
  ])('sends calls of tools %s', async (_how, events, requests) => {
    server.acts = [streams([sse(...events)])];
    expect(await hear()).toContainEqual({ requests });
  });

  it('counts on in every chunk: the last number is meant', async () => {
    const usage = (n: number) => ({ usage: { prompt_tokens: 5, completion_tokens: n } });
    server.acts = [
      streams([sse(chunkOf({ content: 'a' }, usage(1)), chunkOf({ content: 'b' }, usage(2)))]),
    ];
    expect((await hear()).filter((part) => 'usage' in part)).toEqual([
      { usage: { inputTokens: 5, outputTokens: 2, cachedTokens: 0 } },
    ]);
  });

  it('ends the body before the chunk that was to be the last: that is a break', async () => {
    const going = JSON.stringify({
      choices: [{ index: 0, delta: { content: 'Half' }, finish_reason: null }],
    });
    server.acts = [streams([`data: ${going}\n\n`])];
    await expect(hear()).rejects.toMatchObject({ code: 'model_unreachable', retry: 'backoff' });

    server.acts = [streams([sse(going)])];
    expect(await hear()).toMatchObject([{ text: 'Half' }, { stop: 'end' }]);
  });

  it('sends events without data', async () => {
    const word = chunkOf({ content: 'Hi' });
    server.acts = [streams([`event: ping\ndata: \n\n`, `data:\n\n`, sse(word)])];
    expect((await hear())[0]).toEqual({ text: 'Hi' });
  });

  it('sends chunks without choices, deltas or words', async () => {
    const odd = ['{}', '{"choices":[]}', '{"choices":[{"index":0}]}', '{"choices":null}'];
    server.acts = [streams([sse(...odd, chunkOf({ content: 'Hi' }))])];
    expect((await hear())[0]).toEqual({ text: 'Hi' });
  });
});
