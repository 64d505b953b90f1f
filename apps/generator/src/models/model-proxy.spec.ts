import { ConnectProxy, HastyClock } from '@common/testing';

import { aModel } from '../generation/claimed-turn.fixture';
import type { ModelAccess } from './model-access';
import { ModelServer, refuses, streams } from './model-server.fixture';
import type { ModelPart } from './model-provider.port';
import { Providers } from './providers.service';
import { AnthropicProvider } from './anthropic-provider';
import { OpenAiProvider } from './openai-provider';
import { aVoice, secrets } from './voice.fixture';
import { wireFormats } from './wire-formats.fixture';

describe.each(wireFormats)('a model of the provider $provider behind a proxy', (wire) => {
  let server: ModelServer;
  let proxy: ConnectProxy;
  beforeEach(async () => {
    server = await new ModelServer().listen();
    proxy = await ConnectProxy.to(Number(new URL(server.url).port));
  });
  afterEach(async () => {
    proxy.close();
    await server.close();
  });

  async function hear(model: Partial<ModelAccess>): Promise<string> {
    const { lines } = aVoice({ clock: new HastyClock() });
    const providers = new Providers(
      new OpenAiProvider(lines, secrets),
      new AnthropicProvider(lines, secrets),
    );
    // A name that nobody resolves here: only the proxy knows the way.
    const baseUrl = 'http://models.invalid/v1';
    const access = aModel({ provider: wire.provider, baseUrl, ...model });
    const request = { model: access, instructions: '', messages: [question], tools: [] };
    const parts: ModelPart[] = [];
    for await (const part of providers.of(access).stream(request, new AbortController().signal))
      parts.push(part);
    return parts.map((part) => ('text' in part ? part.text : '')).join('');
  }
  const question = {
    role: 'user' as const,
    content: [{ kind: 'text' as const, text: 'Hi' }],
  };
  const sealed = (): Buffer => secrets.seal(proxy.url);

  it('is reached through it alone', async () => {
    server.acts = [streams([wire.begin, wire.word('Hello'), wire.end()])];
    expect(await hear({ proxy: sealed() })).toBe('Hello');
    expect(proxy.asked).toEqual(['CONNECT models.invalid:80 HTTP/1.1']);
    await expect(hear({})).rejects.toMatchObject({ code: 'model_unreachable' });
    expect(proxy.asked).toHaveLength(1);
  });

  it('is judged as any other', async () => {
    server.acts = [refuses(429, 'slow down', { 'retry-after': '2' })];
    await expect(hear({ proxy: sealed() })).rejects.toMatchObject({
      code: 'model_busy',
      retryAfterMs: 2_000,
    });
  });

  it('is unreachable when the proxy is', async () => {
    proxy.close();
    await expect(hear({ proxy: sealed() })).rejects.toMatchObject({
      code: 'model_unreachable',
      retry: 'backoff',
    });
  });
});
