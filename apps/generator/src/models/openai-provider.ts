import { Injectable } from '@nestjs/common';
import OpenAI from 'openai';

import { SecretBox } from '@common/kernel';

import type { ModelAccess } from './model-access';
import { ModelError } from './model.errors';
import { ModelLines } from './model-lines.service';
import { ModelProvider, type ModelPart, type ModelRequest } from './model-provider.port';
import { headersOf, keyOf } from './model-secrets';
import { openAiMessages, openAiTools } from './openai-messages';
import { OpenAiReader } from './openai-reader';
import { readProviderError } from './provider-errors';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/** Everything that speaks OpenAI's chat completions: OpenAI, Azure, DeepSeek, DashScope, vLLM, Ollama, one-api, Gemini … */
@Injectable()
export class OpenAiProvider extends ModelProvider {
  constructor(
    private readonly lines: ModelLines,
    private readonly secrets: SecretBox,
  ) {
    super();
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelPart> {
    const reader = new OpenAiReader();
    try {
      for await (const chunk of await this.open(request, signal)) {
        const parts = reader.read(chunk);
        for (const part of parts) yield part;
      }
      // The SDK ends an aborted stream as if the answer were whole.
      signal.throwIfAborted();
      yield* reader.end();
    } catch (error) {
      signal.throwIfAborted();
      throw readProviderError(error);
    }
  }

  private open(request: ModelRequest, signal: AbortSignal): Promise<AsyncIterable<Chunk>> {
    const { model, tools } = request;
    // An administrator may drop what an old server refuses: `"stream_options": null`.
    const { stream_options, ...params } = model.params;
    return this.client(model).chat.completions.create(
      {
        ...params,
        model: model.upstreamModel ?? '',
        messages: openAiMessages(request),
        ...(tools.length > 0 && { tools: openAiTools(tools) }),
        stream: true,
        ...(stream_options !== null && { stream_options: { include_usage: true } }),
      },
      { signal },
    );
  }

  private client(model: ModelAccess): OpenAI {
    if (!model.baseUrl || !model.upstreamModel) throw new ModelError('model_misconfigured');
    const url = new URL(model.baseUrl);
    // Azure's addresses carry a version: `…/openai/deployments/x?api-version=…`.
    const defaultQuery = Object.fromEntries(url.searchParams);
    url.search = '';
    const key = keyOf(model, this.secrets);
    const isAzure = url.hostname.endsWith('.azure.com');
    return new OpenAI({
      baseURL: url.toString().replace(/\/$/, ''),
      apiKey: key ?? 'none',
      maxRetries: 0,
      // The SDK would write what it cannot parse to the console.
      logLevel: 'off',
      // Patience measures; the SDK's own clock must not be shorter.
      timeout: 3_600_000,
      defaultQuery,
      defaultHeaders: {
        ...(isAzure && { 'api-key': key, authorization: null }),
        ...headersOf(model, this.secrets),
      },
      fetch: this.lines.to(model),
    });
  }
}
