import { eventually, HastyClock } from '@common/testing';

import { aModel } from '../generation/claimed-turn.fixture';
import {
  chunkOf,
  hangs,
  ModelServer,
  refuses,
  resets,
  sse,
  streams,
} from '../models/model-server.fixture';
import type { AnswerPart } from './agent.port';
import { askAgent, type Trial } from './llm-agent.fixture';
import { UsageTally } from './usage-tally';

let server: ModelServer;
beforeEach(async () => {
  server = await new ModelServer().listen();
});
afterEach(() => server.close());

const ask = (trial: Partial<Trial> = {}) =>
  askAgent(server.url, { clock: new HastyClock(), ...trial });
const hello = sse(chunkOf({ role: 'assistant', content: 'Hel' }), chunkOf({ content: 'lo' }));

describe('LlmAgent: when the provider says no', () => {
  it.each([
    [401, 'model_key_rejected', 1],
    [404, 'model_misconfigured', 1],
    [429, 'model_busy', 3],
    [500, 'model_unreachable', 3],
  ])('reads HTTP %d as %s after %d request(s)', async (status, code, requests) => {
    server.acts = [refuses(status, 'Incorrect API key provided: sk-1')];

    const failure = await ask().catch((error: unknown) => error);

    expect(failure).toMatchObject({ code, details: { status } });
    expect(JSON.stringify([failure, String((failure as Error).cause)])).not.toContain('sk-1');
    expect(server.requests).toHaveLength(requests);
  });

  it('waits between its tries, and takes the answer of the last', async () => {
    const clock = new HastyClock();
    server.acts = [refuses(429, 'slow down'), resets, streams([hello])];

    expect((await ask({ clock })).text).toBe('Hello');
    expect(clock.slept).toHaveLength(2);
  });

  it('asks the fallback when the first cannot answer', async () => {
    const other = await new ModelServer().listen();
    other.acts = [streams([hello])];
    server.acts = [refuses(401, 'no')];
    const fallback = () => Promise.resolve(aModel({ id: 'other', baseUrl: other.url }));
    const tally = new UsageTally();

    const { text } = await ask({ question: { fallback, tally } });
    await other.close();

    expect(text).toBe('Hello');
    expect(tally.modelId).toBe('other');
    expect(server.requests).toHaveLength(1);
  });

  it('begins with the fallback after an answer that broke off', async () => {
    const other = await new ModelServer().listen();
    other.acts = [streams([hello])];
    const fallback = () => Promise.resolve(aModel({ baseUrl: other.url }));

    const { text } = await ask({ question: { fallback, prefersFallback: true } });
    await other.close();

    expect(text).toBe('Hello');
    expect(server.requests).toEqual([]);
  });

  it('asks again with less of the past when it is too long, and only then gives up', async () => {
    const history = Array.from({ length: 8 }, (_, n) => ({
      role: n % 2 === 0 ? ('user' as const) : ('assistant' as const),
      text: `words ${n}`,
    })).concat({ role: 'user' as const, text: 'And now?' });
    const tooLong = refuses(400, "This model's maximum context length is 8 tokens");
    server.acts = [tooLong, streams([hello])];

    expect((await ask({ question: { history } })).text).toBe('Hello');
    const sizes = server.requests.map(({ body }) => (body['messages'] as unknown[]).length);
    expect(sizes[1]).toBeLessThan(sizes[0] ?? 0);

    server.acts = [tooLong];
    await expect(ask({ question: { history } })).rejects.toMatchObject({
      code: 'context_overflow',
    });
  });

  it('asks no second time once words were shown', async () => {
    server.acts = [streams([`data: ${chunkOf({ content: 'Once' })}\n\n`], 'break')];
    const said: AnswerPart[] = [];

    await expect(ask({ onPart: (part) => said.push(part) })).rejects.toMatchObject({
      code: 'model_unreachable',
    });
    expect(said).toEqual([{ text: 'Once' }]);
    expect(server.requests).toHaveLength(1);
  });

  it('does not take an error inside the stream for an end of the answer', async () => {
    const error = JSON.stringify({ error: { message: 'overloaded', code: 529 } });
    server.acts = [streams([`data: ${chunkOf({ content: 'Once' })}\n\ndata: ${error}\n\n`])];
    await expect(ask()).rejects.toMatchObject({ name: 'ModelError' });
  });

  it.each([
    ['before its first word', [hangs]],
    ['between its words', [streams([`data: ${chunkOf({ content: 'Once' })}\n\n`], 'hang')]],
  ])('late: loses patience with a model that is silent %s', async (_when, acts) => {
    server.acts = acts;
    await expect(ask({ silenceMs: 100 })).rejects.toMatchObject({
      code: 'model_timeout',
      retry: 'backoff',
    });
  });

  it('has patience with a slow model as long as it says something', async () => {
    const word = `data: ${chunkOf({ content: '.' })}\n\n`;
    server.acts = [
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        // Longer than its patience in all; each pause far below it, for a machine that stands still now and then.
        for (let n = 0; n < 18; n += 1) {
          response.write(word);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        response.end();
      },
    ];
    expect((await ask({ silenceMs: 1_500 })).text).toBe('.'.repeat(18));
  });

  it('late: ends an answer that takes longer than the agent may', async () => {
    let isOpen = true;
    server.acts = [
      async (response) => {
        response.on('close', () => (isOpen = false));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        while (isOpen) {
          response.write(`data: ${chunkOf({ content: '.' })}\n\n`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      },
    ];

    await expect(ask({ question: { timeoutSeconds: 0.2 } })).rejects.toMatchObject({
      code: 'model_timeout',
    });
    await eventually(() => !isOpen);
  });

  it('ends with the reason of whoever interrupts it, and closes the call', async () => {
    const stop = new AbortController();
    let closed = false;
    server.acts = [
      (response, request) => {
        response.on('close', () => (closed = true));
        return streams([`data: ${chunkOf({ content: 'Once' })}\n\n`], 'hang')(response, request);
      },
    ];

    const answer = ask({
      signal: stop.signal,
      onPart: () => stop.abort(new Error('enough')),
    });

    await expect(answer).rejects.toThrow('enough');
    await eventually(() => closed);
  });
});
