import { randomBytes } from 'node:crypto';

import { SecretBox } from '@common/kernel';
import { OutboundGuard } from '@common/outbound';
import { eventually, HastyClock, standIn } from '@common/testing';

import { aModel, aQuestion } from '../generation/claimed-turn.fixture';
import type { GeneratorConfig } from '../generator.config';
import type { AnswerPart, ModelAccess, Question } from './agent.port';
import { LlmAgent } from './llm-agent';
import { ModelLines } from './model-lines.service';
import { chunkOf, hangs, ModelServer, refuses, resets, sse, streams } from './model-server.fixture';

const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);

let server: ModelServer;
beforeEach(async () => {
  server = await new ModelServer().listen();
});
afterEach(() => server.close());

interface Trial {
  readonly model?: Partial<ModelAccess>;
  readonly question?: Partial<Question>;
  readonly signal?: AbortSignal;
  readonly silenceMs?: number;
  readonly clock?: HastyClock;
  readonly onPart?: (part: AnswerPart) => void;
}

async function ask(trial: Trial = {}): Promise<{ text: string; parts: AnswerPart[] }> {
  const config = standIn<GeneratorConfig>({
    MODEL_CONNECT_TIMEOUT_MS: 1_000,
    MODEL_SILENCE_TIMEOUT_MS: trial.silenceMs ?? 5_000,
    MODEL_TOTAL_TIMEOUT_MS: 10_000,
  });
  const lines = new ModelLines(new OutboundGuard(), config);
  const agent = new LlmAgent(config, lines, secrets, trial.clock ?? new HastyClock());
  const model = aModel({ baseUrl: server.url, ...trial.model });
  const parts: AnswerPart[] = [];
  const answer = agent.answer(
    aQuestion({ model, ...trial.question }),
    trial.signal ?? new AbortController().signal,
  );
  for await (const part of answer) {
    parts.push(part);
    trial.onPart?.(part);
  }
  return { text: parts.map((part) => ('text' in part ? part.text : '')).join(''), parts };
}
const hello = sse(chunkOf({ role: 'assistant', content: 'Hel' }), chunkOf({ content: 'lo' }));

describe('LlmAgent: what it asks', () => {
  it('sends instructions and history, and asks for a stream with its usage', async () => {
    server.acts = [streams([hello])];
    const history = [
      { role: 'user' as const, text: 'Hi' },
      { role: 'assistant' as const, text: 'Hello' },
      { role: 'user' as const, text: 'Time?' },
    ];

    await ask({ question: { history }, model: { params: { temperature: 0.2 } } });

    expect(server.requests).toMatchObject([
      {
        path: '/v1/chat/completions',
        body: {
          model: 'small',
          temperature: 0.2,
          stream: true,
          stream_options: { include_usage: true },
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: 'Hello' },
            { role: 'user', content: 'Time?' },
          ],
        },
      },
    ]);
  });

  it('opens the sealed key for the call alone', async () => {
    server.acts = [streams([hello])];
    await ask({ model: { apiKey: secrets.seal('sk-1') } });
    expect(server.requests[0]?.authorization).toBe('Bearer sk-1');
  });

  it('does not let params of an administrator switch the stream off', async () => {
    server.acts = [streams([hello])];
    expect((await ask({ model: { params: { stream: false, model: 'other' } } })).text).toBe(
      'Hello',
    );
    expect(server.requests[0]?.body).toMatchObject({ stream: true, model: 'small' });
  });

  it.each([
    ['no address', { baseUrl: null }],
    ['no model name', { upstreamModel: null }],
    ['another protocol', { provider: 'anthropic' as const }],
  ])('asks nobody with %s', async (_what, model) => {
    await expect(ask({ model })).rejects.toMatchObject({ code: 'model_misconfigured' });
    expect(server.requests).toEqual([]);
  });

  it("asks nobody at a tenant's address inside our own network", async () => {
    await expect(ask({ model: { isTrustedAddress: false } })).rejects.toMatchObject({
      code: 'model_misconfigured',
    });
    expect(server.requests).toEqual([]);
  });

  it('follows no redirect', async () => {
    server.acts = [
      (response) => void response.writeHead(307, { location: `${server.url}/else` }).end(),
    ];
    await expect(ask()).rejects.toMatchObject({ name: 'ModelError' });
    expect(server.requests.every(({ path }) => path === '/v1/chat/completions')).toBe(true);
  });
});

describe('LlmAgent: what it reads', () => {
  it('joins the pieces and hands the usage on', async () => {
    const usage = JSON.stringify({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
    server.acts = [streams([sse(chunkOf({ content: 'Hi' }), usage)])];

    expect((await ask()).parts).toEqual([
      { text: 'Hi' },
      { usage: { inputTokens: 7, outputTokens: 2 } },
    ]);
  });

  it('reads characters whose bytes come in different packets', async () => {
    const bytes = Buffer.from(sse(chunkOf({ content: '汉字😀' })));
    server.acts = [streams(Array.from(bytes, (byte) => Buffer.of(byte)))];
    expect((await ask()).text).toBe('汉字😀');
  });

  it('reads lines that end with CRLF, also when a packet ends between the two', async () => {
    const [first = '', second = ''] = hello.replaceAll('\n', '\r\n').split('lo"');
    server.acts = [streams([`${first}lo"`, second.slice(0, -3), second.slice(-3)])];
    expect((await ask()).text).toBe('Hello');
  });

  it('passes over comments, event names, empty lines and chunks without words', async () => {
    const body = [
      ': keep-alive\n\n',
      `event: message\ndata: ${chunkOf({ role: 'assistant' })}\n\n`,
      `data: ${chunkOf({ content: null })}\n\n`,
      `data: ${JSON.stringify({ choices: [] })}\n\n\n`,
      `data:${chunkOf({ content: 'Hi' })}\n\n`,
      'data: [DONE]\n\n',
    ];
    server.acts = [streams(body)];
    expect((await ask()).text).toBe('Hi');
  });

  it('needs no role and no DONE', async () => {
    server.acts = [streams([`data: ${chunkOf({ content: 'Hi' })}\n\n`])];
    expect((await ask()).text).toBe('Hi');
  });
});

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
        for (let n = 0; n < 10; n += 1) {
          response.write(word);
          await new Promise((resolve) => setTimeout(resolve, 80));
        }
        response.end();
      },
    ];
    expect((await ask({ silenceMs: 600 })).text).toBe('..........');
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
