import { Injectable } from '@nestjs/common';

import { AnthropicProvider } from './anthropic-provider';
import type { ModelAccess } from './model-access';
import { ModelError } from './model.errors';
import type { ModelProvider } from './model-provider.port';
import { OpenAiProvider } from './openai-provider';

/** The way of talking to each kind of model. */
@Injectable()
export class Providers {
  constructor(
    private readonly openAi: OpenAiProvider,
    private readonly anthropic: AnthropicProvider,
  ) {}

  /** @throws ModelError for what is no model */
  of({ provider }: ModelAccess): ModelProvider {
    if (provider === 'openai-compatible') return this.openAi;
    if (provider === 'anthropic') return this.anthropic;
    throw new ModelError('model_misconfigured');
  }
}
