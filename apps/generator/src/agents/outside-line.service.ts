import { Injectable } from '@nestjs/common';
import type { FormData } from 'undici';

import { Clock, fullJitterMs } from '@common/kernel';

import type { AgentEndpoint } from '../generation/claimed-turn';
import { GeneratorConfig } from '../generator.config';
import { ModelError } from '../models/model.errors';
import { ModelLines } from '../models/model-lines.service';
import { Patience } from '../models/patience';
import { readProviderError } from '../models/provider-errors';
import { retryAfterOf } from '../models/retry-after';

const TRIES = 3;
const LONGEST_PAUSE_MS = 20_000;

export interface OutsideRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData;
}

/** What came back, and the patience that watches over reading it; end it. */
export interface OutsideAnswer {
  readonly response: Response;
  readonly patience: Patience;
}

/** Asks agents of other houses: again when that may help, never beyond patience, and only where the outbound rule allows. */
@Injectable()
export class OutsideLine {
  constructor(
    private readonly lines: ModelLines,
    private readonly config: GeneratorConfig,
    private readonly clock: Clock,
  ) {}

  /** @throws ModelError, or the signal's reason */
  async post(
    { url: baseUrl, isTrustedAddress }: AgentEndpoint,
    request: OutsideRequest,
    timeoutSeconds: number | null,
    signal: AbortSignal,
  ): Promise<OutsideAnswer> {
    const fetch = this.lines.to({ baseUrl, isTrustedAddress, timeouts: {}, proxy: null }, false);
    for (let tries = 1; ; tries += 1) {
      const patience = this.patience(timeoutSeconds, signal);
      try {
        const { url, headers, body } = request;
        const response = await fetch(url, {
          method: 'POST',
          headers,
          // undici's forms and Node's describe the same objects.
          body: body as string,
          signal: patience.signal,
        });
        if (response.ok) return { response, patience };
        await response.body?.cancel();
        throw errorOf(response);
      } catch (error) {
        patience.end();
        signal.throwIfAborted();
        const failure = patience.isOver
          ? new ModelError('model_timeout', { isPassing: true })
          : readProviderError(error);
        if (failure.retry === 'never' || tries >= TRIES || patience.isOver) throw failure;
        await this.pause(tries, failure, signal);
      }
    }
  }

  /** What a fault while reading means. */
  readonly faultOf = (error: unknown, { patience }: OutsideAnswer): ModelError =>
    patience.isOver
      ? new ModelError('model_timeout', { isPassing: true })
      : readProviderError(error);

  private async pause(tries: number, failure: ModelError, signal: AbortSignal): Promise<void> {
    const asked = failure.retryAfterMs ?? 0;
    if (asked > LONGEST_PAUSE_MS) throw failure;
    await this.clock.sleep(asked + fullJitterMs(tries - 1, { baseMs: 500, capMs: 4_000 }), signal);
    signal.throwIfAborted();
  }

  private patience(timeoutSeconds: number | null, signal: AbortSignal): Patience {
    const { MODEL_SILENCE_TIMEOUT_MS: silenceMs, MODEL_TOTAL_TIMEOUT_MS } = this.config;
    const totalMs = timeoutSeconds ? timeoutSeconds * 1_000 : MODEL_TOTAL_TIMEOUT_MS;
    return new Patience(signal, { totalMs, firstMs: silenceMs, silenceMs });
  }
}

function errorOf({ status, headers }: Response): ModelError {
  if (status === 401 || status === 403) return new ModelError('model_key_rejected', { status });
  const again = { status, isPassing: true, retryAfterMs: retryAfterOf(headers) };
  if (status === 429) return new ModelError('model_busy', again);
  if (status === 408) return new ModelError('model_timeout', again);
  if (status >= 500) return new ModelError('model_unreachable', again);
  return new ModelError('model_misconfigured', { status });
}
