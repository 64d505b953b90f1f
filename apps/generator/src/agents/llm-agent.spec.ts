import { HastyClock } from '@common/testing';

import { chunkOf, ModelServer, sse, streams } from '../models/model-server.fixture';
import { secrets } from '../models/voice.fixture';
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
    ['no protocol', { provider: 'demo' as const }],
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
  it('joins the pieces and counts the usage', async () => {
    const usage = JSON.stringify({
      choices: [],
      usage: {
        prompt_tokens: 7,
        completion_tokens: 2,
        total_tokens: 9,
        prompt_tokens_details: { cached_tokens: 3 },
      },
    });
    server.acts = [streams([sse(chunkOf({ content: 'Hi' }), usage)])];
    const prices = {
      inputPerMillion: 1_000_000,
      outputPerMillion: 10_000_000,
      cachedPerMillion: 0,
    };

    const { parts, usage: counted } = await ask({ model: { prices } });

    expect(parts).toEqual([{ text: 'Hi' }]);
    expect(counted).toEqual({
      inputTokens: 7,
      outputTokens: 2,
      cachedTokens: 3,
      toolCalls: 0,
      cost: 24,
      isEstimated: false,
    });
  });

  it('counts itself what the provider does not, and says that it did', async () => {
    server.acts = [streams([hello])];
    const { usage } = await ask();
    expect(usage).toMatchObject({ isEstimated: true });
    expect(usage?.inputTokens).toBeGreaterThan(3);
    expect(usage?.outputTokens).toBeGreaterThan(0);
  });

  it('counts what an answer cost that breaks off', async () => {
    server.acts = [streams([`data: ${chunkOf({ content: 'Once upon a time' })}\n\n`], 'break')];
    const tally = new UsageTally();
    await expect(ask({ question: { tally } })).rejects.toMatchObject({ retry: 'backoff' });
    expect(tally.total).toMatchObject({ isEstimated: true });
    expect(tally.total?.outputTokens).toBeGreaterThan(3);
  });

  it('keeps what the model only thinks from the person', async () => {
    const think = chunkOf({ content: '<think>They want a greeting.</think>' });
    server.acts = [streams([sse(think, chunkOf({ content: '\n\nHi' }))])];
    expect((await ask()).text).toBe('Hi');
  });

  it('shows it in quotation when the agent says so', async () => {
    server.acts = [
      streams([
        sse(
          chunkOf({ reasoning_content: 'One.\nT' }),
          chunkOf({ reasoning_content: 'wo.' }),
          chunkOf({ content: 'Three.' }),
        ),
      ]),
    ];
    const { text, parts } = await ask({ question: { showsReasoning: true } });
    expect(text).toBe('> One.\n> Two.\n\nThree.');
    expect(parts.map((part) => ('text' in part ? part.text : '')).join('')).toBe('Three.');
  });

  it('says that the model came to its limit', async () => {
    const cut = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
    server.acts = [streams([sse(chunkOf({ content: 'One, two,' }), cut)])];
    expect((await ask()).text).toMatch(/^One, two,\n\n\(The answer reached the length limit/);
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
