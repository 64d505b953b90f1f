import { randomBytes } from 'node:crypto';

import { type Clock, SecretBox } from '@common/kernel';
import { OutboundGuard, type OutboundGuardOptions } from '@common/outbound';

import type { GeneratorConfig } from '../generator.config';
import { AnthropicProvider } from './anthropic-provider';
import { ModelLines } from './model-lines.service';
import { ModelVoice } from './model-voice.service';
import { OpenAiProvider } from './openai-provider';
import { Providers } from './providers.service';

export const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);

export const aConfig = (silenceMs = 5_000): GeneratorConfig =>
  ({
    MODEL_CONNECT_TIMEOUT_MS: 1_000,
    MODEL_SILENCE_TIMEOUT_MS: silenceMs,
    MODEL_TOTAL_TIMEOUT_MS: 10_000,
    // What the models of a spec need of it.
  }) as GeneratorConfig;

interface VoiceWish {
  readonly silenceMs?: number | undefined;
  readonly clock: Clock;
  readonly guard?: OutboundGuardOptions;
}

/** A voice with both real providers. */
export function aVoice({ silenceMs, clock, guard = {} }: VoiceWish) {
  const config = aConfig(silenceMs);
  const lines = new ModelLines(new OutboundGuard(guard), config, secrets);
  const providers = new Providers(
    new OpenAiProvider(lines, secrets),
    new AnthropicProvider(lines, secrets),
  );
  return { voice: new ModelVoice(providers, config, clock), config, clock, lines };
}
