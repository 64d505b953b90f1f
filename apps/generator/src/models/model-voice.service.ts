import { Injectable } from '@nestjs/common';

import { Clock, fullJitterMs } from '@common/kernel';

import { GeneratorConfig } from '../generator.config';
import { forEyes } from './for-eyes';
import type { ModelAccess } from './model-access';
import { ModelError } from './model.errors';
import type { ModelPart, ModelRequest } from './model-provider.port';
import { Patience } from './patience';
import { readProviderError } from './provider-errors';
import { Providers } from './providers.service';

/** Tries of one model before its first word; after it a break ends the attempt. */
const TRIES = 3;
/** Waiting for a silent model is dear: it gets one more chance. */
const TIMEOUT_TRIES = 2;
/** A provider that asks for a longer pause is as good as away. */
const LONGEST_PAUSE_MS = 20_000;

/** One question to a model, and whom to ask when it cannot answer. */
export interface Step extends Omit<ModelRequest, 'model'> {
  readonly model: ModelAccess;
  readonly fallback: () => Promise<ModelAccess | null>;
  /** By our clock. */
  readonly deadlineAt: number;
  /** Then a try that has only thought so far cannot be repeated unseen. */
  readonly showsReasoning: boolean;
}

/** What a model says, after saying which one it is. */
export type VoicePart = ModelPart | { readonly speaks: ModelAccess };

/**
 * Asks a model: again when that may help and nothing was said yet, with full jitter and never earlier than the provider
 * asked for; then the fallback in the same way. A break after the first words is the caller's: text must not come twice.
 */
@Injectable()
export class ModelVoice {
  constructor(
    private readonly providers: Providers,
    private readonly config: GeneratorConfig,
    private readonly clock: Clock,
  ) {}

  /** @throws ModelError, or the signal's reason */
  async *speak(step: Step, signal: AbortSignal): AsyncIterable<VoicePart> {
    let model: ModelAccess | null = step.model;
    for (let tries = 1; ; tries += 1) {
      const patience = this.patience(model, step, signal);
      let hasSpoken = false;
      let failure: ModelError;
      try {
        yield { speaks: model };
        const request = { ...step, model, messages: forEyes(step.messages, model) };
        for await (const part of this.providers.of(model).stream(request, patience.signal)) {
          patience.heard();
          hasSpoken ||= step.showsReasoning || !('reasoning' in part);
          yield part;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        failure = patience.isOver
          ? new ModelError('model_timeout', { isPassing: true })
          : readProviderError(error);
      } finally {
        patience.end();
      }
      if (hasSpoken) throw failure;
      if (await this.mayTryAgain(tries, failure, step, signal)) continue;
      model = model === step.model && isWorthAnother(failure) ? await step.fallback() : null;
      if (!model) throw failure;
      tries = 0;
    }
  }

  private patience(model: ModelAccess, step: Step, signal: AbortSignal): Patience {
    const { MODEL_SILENCE_TIMEOUT_MS: silence } = this.config;
    const { firstTokenMs = silence, betweenTokensMs = silence } = model.timeouts;
    const totalMs = Math.max(1, step.deadlineAt - this.clock.now());
    return new Patience(signal, { totalMs, firstMs: firstTokenMs, silenceMs: betweenTokensMs });
  }

  /** Waits before the next try. False: there is none. */
  private async mayTryAgain(
    tries: number,
    failure: ModelError,
    step: Step,
    signal: AbortSignal,
  ): Promise<boolean> {
    const most = failure.code === 'model_timeout' ? TIMEOUT_TRIES : TRIES;
    if (failure.retry === 'never' || tries >= most) return false;
    const asked = failure.retryAfterMs ?? 0;
    const pauseMs = asked + fullJitterMs(tries - 1, { baseMs: 500, capMs: 4_000 });
    if (asked > LONGEST_PAUSE_MS || this.clock.now() + pauseMs >= step.deadlineAt) return false;
    await this.clock.sleep(pauseMs, signal);
    signal.throwIfAborted();
    return true;
  }
}

/** Whether another model may do better. A refusal is about the question, and so is its length. */
const isWorthAnother = ({ code }: ModelError): boolean =>
  code !== 'model_refused' && code !== 'context_overflow';
