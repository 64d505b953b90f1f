import Anthropic from '@anthropic-ai/sdk';
import { Injectable } from '@nestjs/common';

import { SecretBox } from '@common/kernel';

import { AnthropicReader } from './anthropic-reader';
import { anthropicMessages, anthropicTools } from './anthropic-messages';
import type { ModelAccess } from './model-access';
import { ModelError } from './model.errors';
import { ModelLines } from './model-lines.service';
import { ModelProvider, type ModelPart, type ModelRequest } from './model-provider.port';
import { headersOf, keyOf } from './model-secrets';
import { readProviderError } from './provider-errors';

const PUBLIC_URL = 'https://api.anthropic.com';
/** The format demands a number; `params.max_tokens` wins. */
const MAX_TOKENS = 8_192;

/** Anthropic's messages, and whoever else speaks them. */
@Injectable()
export class AnthropicProvider extends ModelProvider {
  constructor(
    private readonly lines: ModelLines,
    private readonly secrets: SecretBox,
  ) {
    super();
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelPart> {
    const reader = new AnthropicReader();
    try {
      for await (const event of await this.open(request, signal)) yield* reader.read(event);
      signal.throwIfAborted();
      yield* reader.end();
    } catch (error) {
      signal.throwIfAborted();
      throw readProviderError(error);
    }
  }

  private open({ model, instructions, messages, tools }: ModelRequest, signal: AbortSignal) {
    return this.client(model).messages.create(
      {
        max_tokens: MAX_TOKENS,
        ...model.params,
        model: model.upstreamModel ?? '',
        ...(instructions !== '' && { system: instructions }),
        messages: anthropicMessages(messages),
        ...(tools.length > 0 && { tools: anthropicTools(tools) }),
        stream: true,
      },
      { signal },
    );
  }

  private client(model: ModelAccess): Anthropic {
    if (!model.upstreamModel) throw new ModelError('model_misconfigured');
    return new Anthropic({
      // The SDK adds `/v1` itself; people write it as they do for the others.
      baseURL: (model.baseUrl ?? PUBLIC_URL).replace(/\/(v1\/?)?$/, ''),
      apiKey: keyOf(model, this.secrets) ?? 'none',
      authToken: null,
      maxRetries: 0,
      // The SDK would write what it cannot parse to the console.
      logLevel: 'off',
      timeout: 3_600_000,
      defaultHeaders: headersOf(model, this.secrets),
      fetch: this.lines.to(model),
    });
  }
}
