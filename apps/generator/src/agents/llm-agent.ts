import { Injectable } from '@nestjs/common';
import OpenAI from 'openai';

import { Clock, fullJitterMs, SecretBox } from '@common/kernel';

import { GeneratorConfig } from '../generator.config';
import { Agent, type AnswerPart, type ModelAccess, type Question } from './agent.port';
import { ModelLines } from './model-lines.service';
import { ModelError } from './model.errors';
import { readOpenAiError } from './openai-errors';
import { Patience } from './patience';

/** Tries before the first word; after it a break ends the attempt. */
const TRIES = 3;

/** An agent whose words come from any OpenAI-compatible endpoint, streamed. */
@Injectable()
export class LlmAgent extends Agent {
  constructor(
    private readonly config: GeneratorConfig,
    private readonly lines: ModelLines,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
  ) {
    super();
  }

  async *answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const { model } = question;
    if (!model?.baseUrl || !model.upstreamModel || model.provider !== 'openai-compatible')
      throw new ModelError('model_misconfigured');
    const totalMs = question.timeoutSeconds
      ? question.timeoutSeconds * 1_000
      : this.config.MODEL_TOTAL_TIMEOUT_MS;
    const patience = new Patience(signal, {
      totalMs,
      silenceMs: this.config.MODEL_SILENCE_TIMEOUT_MS,
    });
    try {
      const chunks = await this.open(model, question, patience);
      for await (const chunk of chunks) {
        patience.heard();
        const text = chunk.choices[0]?.delta?.content;
        if (text) yield { text };
        if (chunk.usage)
          yield {
            usage: {
              inputTokens: chunk.usage.prompt_tokens,
              outputTokens: chunk.usage.completion_tokens,
            },
          };
      }
      // The SDK ends an aborted stream as if the answer were whole.
      patience.signal.throwIfAborted();
    } catch (error) {
      signal.throwIfAborted();
      throw patience.isOver
        ? new ModelError('model_timeout', { isPassing: true })
        : readOpenAiError(error);
    } finally {
      patience.end();
    }
  }

  private async open(
    model: ModelAccess,
    question: Question,
    patience: Patience,
  ): Promise<AsyncIterable<OpenAI.Chat.Completions.ChatCompletionChunk>> {
    const client = this.client(model);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await client.chat.completions.create(
          {
            ...model.params,
            model: model.upstreamModel ?? '',
            messages: messagesOf(question),
            stream: true,
            stream_options: { include_usage: true },
          },
          { signal: patience.signal },
        );
      } catch (error) {
        patience.signal.throwIfAborted();
        const known = readOpenAiError(error);
        if (known.retry === 'never' || attempt + 1 >= TRIES) throw known;
        await this.clock.sleep(
          fullJitterMs(attempt, { baseMs: 500, capMs: 4_000 }),
          patience.signal,
        );
      }
    }
  }

  private client(model: ModelAccess): OpenAI {
    return new OpenAI({
      baseURL: model.baseUrl,
      apiKey: model.apiKey ? this.secrets.openText(model.apiKey) : 'none',
      maxRetries: 0,
      timeout: this.config.MODEL_SILENCE_TIMEOUT_MS,
      fetch: this.lines.to(model),
    });
  }
}

function messagesOf({ instructions, history }: Question): OpenAI.Chat.ChatCompletionMessageParam[] {
  const system = instructions === '' ? [] : [{ role: 'system' as const, content: instructions }];
  return [...system, ...history.map(({ role, text }) => ({ role, content: text }))];
}
