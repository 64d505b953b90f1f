import { HastyClock } from '@common/testing';

import { aModel } from '../generation/claimed-turn.fixture';
import type { ModelAccess } from './model-access';
import {
  hangs,
  ModelServer,
  refuses,
  resets,
  type SeenRequest,
  streams,
} from './model-server.fixture';
import type { Step, VoicePart } from './model-voice.service';
import { aVoice, secrets } from './voice.fixture';
import { wireFormats } from './wire-formats.fixture';

describe.each(wireFormats)('a model of the provider $provider', (wire) => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await new ModelServer().listen();
  });
  afterEach(() => server.close());

  interface Trial {
    readonly model?: Partial<ModelAccess>;
    readonly step?: Partial<Step>;
    readonly silenceMs?: number;
    readonly clock?: HastyClock;
    readonly signal?: AbortSignal;
    readonly seen?: VoicePart[];
  }
  async function hear(trial: Trial = {}): Promise<VoicePart[]> {
    const { voice, clock } = aVoice({
      silenceMs: trial.silenceMs,
      clock: trial.clock ?? new HastyClock(),
    });
    const { provider } = wire;
    const step: Step = {
      model: aModel({ provider, baseUrl: server.url, ...trial.model }),
      fallback: () => Promise.resolve(null),
      instructions: 'Be brief.',
      messages: [{ role: 'user', content: [{ kind: 'text', text: 'Hi' }] }],
      tools: [],
      deadlineAt: clock.now() + 60_000,
      showsReasoning: false,
      ...trial.step,
    };
    const parts = trial.seen ?? [];
    for await (const part of voice.speak(step, trial.signal ?? new AbortController().signal))
      if (!('speaks' in part)) parts.push(part);
    return parts;
  }
  const whole = (...middle: string[]): string => [wire.begin, ...middle, wire.end()].join('');
  const hello = whole(wire.word('Hel'), wire.word('lo'));
  const textOf = (parts: readonly VoicePart[]): string =>
    parts.map((part) => ('text' in part ? part.text : '')).join('');
  const lastBody = (): SeenRequest['body'] => server.requests.at(-1)?.body ?? {};

  it('streams its words, then what they cost and why it stopped', async () => {
    server.acts = [streams([hello])];

    const parts = await hear();
    expect(textOf(parts)).toBe('Hello');
    expect(parts.filter((part) => !('text' in part))).toEqual([
      { usage: { inputTokens: 7, outputTokens: 2, cachedTokens: 3 } },
      { stop: 'end' },
    ]);
    expect(server.requests).toMatchObject([{ path: wire.path }]);
    expect(lastBody()).toMatchObject({ model: 'small', stream: true });
  });

  it('is sent parameters and further headers of its own', async () => {
    server.acts = [streams([hello])];
    const headers = secrets.seal(JSON.stringify({ 'x-gateway-key': 'gk-1' }));
    await hear({ model: { params: { temperature: 0.1, stream: false }, headers } });
    expect(lastBody()).toMatchObject({ temperature: 0.1, stream: true });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-gateway-key': 'gk-1' });
  });

  it('has its words whole wherever the bytes are cut', async () => {
    const bytes = Buffer.from(whole(wire.word('汉字😀')));
    server.acts = [streams(Array.from(bytes, (byte) => Buffer.of(byte)))];
    expect(textOf(await hear())).toBe('汉字😀');
  });

  it('tells apart what it thinks', async () => {
    server.acts = [streams([whole(wire.thought('Hm.'), wire.word('Hi'))])];
    const parts = await hear();
    expect(parts.slice(0, 2)).toEqual([{ reasoning: 'Hm.' }, { text: 'Hi' }]);
  });

  it('asks for tools, and reads what came of it', async () => {
    const use = wire.toolUse('t1', 'clock', ['{"zone":', '"UTC"}']);
    server.acts = [streams([wire.begin, use, wire.end('tools')]), streams([hello])];
    const inputSchema = { type: 'object', properties: { zone: { type: 'string' } } };
    const tools = [{ name: 'clock', description: 'Tells the time.', inputSchema }];

    const parts = await hear({ step: { tools } });
    const asked = parts.find((part) => 'requests' in part);
    expect(asked).toMatchObject({
      requests: [{ id: 't1', name: 'clock', argumentsJson: '{"zone":"UTC"}' }],
    });
    expect(parts.at(-1)).toEqual({ stop: 'tools' });
    expect(JSON.stringify(lastBody()['tools'])).toContain('Tells the time.');

    const messages: Step['messages'] = [
      { role: 'user', content: [{ kind: 'text', text: 'Time?' }] },
      {
        role: 'assistant',
        text: '',
        requests: asked && 'requests' in asked ? asked.requests : [],
      },
      { role: 'tool', requestId: 't1', text: 'noon' },
    ];
    expect(textOf(await hear({ step: { tools, messages } }))).toBe('Hello');
    expect(JSON.stringify(lastBody()['messages'])).toMatch(/"t1".*noon/);
  });

  describe('of a question with a picture', () => {
    const content = [
      { kind: 'text' as const, text: 'What is this?' },
      {
        ...{ kind: 'image' as const, mediaType: 'image/png', base64: 'aGk=' },
        ...{ id: 'file-of-ours', label: 'picture 1' },
      },
    ];
    const messages = [{ role: 'user' as const, content }];

    it('is shown it in its own format, when it sees', async () => {
      server.acts = [streams([hello])];
      await hear({ model: { seesImages: true }, step: { messages } });
      expect(lastBody()['messages']).toContainEqual({
        role: 'user',
        content: [{ type: 'text', text: 'What is this?' }, wire.picture('image/png', 'aGk=')],
      });
    });

    it('is told that there is one, when it does not', async () => {
      server.acts = [streams([hello])];
      await hear({ step: { messages } });
      const sent = JSON.stringify(lastBody()['messages']);
      expect(sent).toContain('[picture 1 is not shown: this model cannot see it]');
      expect(sent).not.toMatch(/aGk=|file-of-ours/);
    });

    it('is not shown it as the fallback that does not see', async () => {
      const blind = aModel({ provider: wire.provider, baseUrl: server.url });
      server.acts = [refuses(401, 'no'), streams([hello])];
      const fallback = () => Promise.resolve(blind);
      await hear({ model: { seesImages: true }, step: { messages, fallback } });
      expect(JSON.stringify(lastBody()['messages'])).not.toContain('aGk=');
    });
  });

  it.each([
    ['without Retry-After', {}, 0],
    ['with Retry-After', { 'retry-after': '3' }, 3_000],
  ])('that is busy %s is asked again, not earlier', async (_what, headers, leastMs) => {
    server.acts = [refuses(429, 'slow down', headers), streams([hello])];
    const clock = new HastyClock();
    expect(textOf(await hear({ clock }))).toBe('Hello');
    expect(clock.slept).toHaveLength(1);
    expect(clock.slept[0]).toBeGreaterThanOrEqual(leastMs);
  });

  it('that wants a pause beyond patience is not waited for', async () => {
    server.acts = [refuses(429, 'slow down', { 'retry-after': '3600' })];
    await expect(hear()).rejects.toMatchObject({ code: 'model_busy' });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['500', refuses(500, 'oops'), 'model_unreachable', 3],
    ['529', refuses(529, 'overloaded'), 'model_busy', 3],
    ['401', refuses(401, 'no'), 'model_key_rejected', 1],
    ['404', refuses(404, 'no'), 'model_misconfigured', 1],
    ['a reset', resets, 'model_unreachable', 3],
    [
      'an overflow',
      refuses(wire.overflow.status, '', {}, wire.overflow.body),
      'context_overflow',
      1,
    ],
  ])('that answers %s is understood', async (_what, act, code, requests) => {
    server.acts = [act];
    await expect(hear()).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(requests);
  });

  it('that hangs gets one more chance, then is told as a timeout', async () => {
    server.acts = [hangs];
    await expect(hear({ silenceMs: 300 })).rejects.toMatchObject({ code: 'model_timeout' });
    expect(server.requests).toHaveLength(2);
  });

  it('has a patience of its own for first words and for the next', async () => {
    server.acts = [streams([wire.begin, wire.word('Once')], 'hang')];
    const timeouts = { firstTokenMs: 5_000, betweenTokensMs: 300 };
    await expect(hear({ model: { timeouts } })).rejects.toMatchObject({ code: 'model_timeout' });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['breaks in mid-stream', streams([wire.begin, wire.word('Once')], 'break')],
    ['sends an error in mid-stream', streams([wire.begin, wire.word('Once'), wire.fault])],
    ['sends what is no JSON', streams([wire.begin, wire.word('Once'), 'data: {"oops\n\n'])],
  ])('that %s after words is left to the next attempt', async (_what, act) => {
    server.acts = [act];
    const seen: VoicePart[] = [];
    await expect(hear({ seen })).rejects.toMatchObject({ name: 'ModelError', retry: 'backoff' });
    expect(textOf(seen)).toBe('Once');
    expect(server.requests).toHaveLength(1);
  });

  it('that breaks while it only thinks is asked again unseen', async () => {
    server.acts = [streams([wire.begin, wire.thought('Hm')], 'break'), streams([hello])];
    expect(textOf(await hear())).toBe('Hello');
  });

  it('that refuses is told as a refusal', async () => {
    server.acts = [streams([wire.begin, wire.word('I'), wire.end('refused')])];
    await expect(hear()).rejects.toMatchObject({ code: 'model_refused', retry: 'never' });
    if (!wire.refusal) return;
    server.acts = [refuses(wire.refusal.status, '', {}, wire.refusal.body)];
    await expect(hear()).rejects.toMatchObject({ code: 'model_refused', retry: 'never' });
  });

  it('that came to its limit says so', async () => {
    server.acts = [streams([wire.begin, wire.word('One'), wire.end('length')])];
    expect((await hear()).at(-1)).toEqual({ stop: 'length' });
  });

  it('ends at once when it is interrupted, and the connection with it', async () => {
    let closed = false;
    server.acts = [
      (response, request) => {
        response.on('close', () => (closed = true));
        return streams([wire.begin, wire.word('Once')], 'hang')(response, request);
      },
    ];
    const stop = new AbortController();
    const seen: VoicePart[] = [];
    const heard = hear({ signal: stop.signal, seen });
    const until = Date.now() + 20_000;
    while (seen.length === 0 && Date.now() < until) await new Promise(setImmediate);
    stop.abort(new Error('enough'));
    await expect(heard).rejects.toThrow('enough');
    while (!closed && Date.now() < until) await new Promise(setImmediate);
    expect(closed).toBe(true);
  });

  it("P8 keeps a provider's words about the key to itself", async () => {
    server.acts = [refuses(401, 'Incorrect key sk-1')];
    const failure = await hear({ model: { apiKey: secrets.seal('sk-1') } }).catch(
      (e: unknown) => e,
    );
    expect(JSON.stringify([failure, String((failure as Error).cause)])).not.toContain('sk-1');
    expect(JSON.stringify(server.requests[0]?.headers)).toContain('sk-1');
  });
});
