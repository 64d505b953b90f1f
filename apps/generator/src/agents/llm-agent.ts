import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { Clock } from '@common/kernel';

import { GeneratorConfig } from '../generator.config';
import type { ModelAccess } from '../models/model-access';
import { ModelError } from '../models/model.errors';
import type { ModelMessage } from '../models/model-provider.port';
import { ModelVoice } from '../models/model-voice.service';
import { Agent, type AnswerPart, type Question } from './agent.port';
import { messagesOf, withoutOldest } from './conversation';
import { ModelStep } from './model-step';

/** An agent whose words come from a language model, which may use tools before it answers. */
@Injectable()
export class LlmAgent extends Agent {
  constructor(
    private readonly config: GeneratorConfig,
    private readonly voice: ModelVoice,
    private readonly clock: Clock,
  ) {
    super();
  }

  async *answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const model = await this.firstModel(question);
    const deadlineAt = this.clock.now() + this.totalMs(question, model);
    let messages = messagesOf(question, model);
    for (let n = 1; ; n += 1) {
      const isLast = n > (question.tools?.maxSteps ?? 0);
      const tools = isLast ? [] : (question.tools?.specs ?? []);
      const { instructions, showsReasoning, fallback } = question;
      const asked = { model, fallback, instructions, messages, tools, deadlineAt, showsReasoning };
      const step = new ModelStep(question, asked);
      try {
        for await (const part of this.voice.speak(asked, signal)) {
          const shown = step.read(part);
          if (shown) yield shown;
        }
        const rest = step.end();
        if (rest) yield rest;
      } catch (error) {
        const shorter = n === 1 && isOverflow(error) ? withoutOldest(messages) : null;
        if (!shorter) throw error;
        messages = shorter;
        continue;
      } finally {
        step.settle();
      }
      if (step.isCut) yield { text: `\n\n${say('answerCut', question.locale)}` };
      if (isLast || step.requests.length === 0) return;
      if (step.said.trim() !== '') yield { text: '\n\n' };
      messages = [...messages, step.asMessage()];
      for (const request of step.requests) {
        yield { note: question.tools?.describe(request) ?? '' };
        messages.push(await this.use(question, request, signal));
      }
    }
  }

  private async use(
    { tools, tally }: Question,
    request: ModelStep['requests'][number],
    signal: AbortSignal,
  ): Promise<ModelMessage> {
    tally.toolCalls += 1;
    const text = (await tools?.use(request, signal)) ?? '';
    return { role: 'tool', requestId: request.id, text };
  }

  /** @throws ModelError when there is none */
  private async firstModel({ model, fallback, prefersFallback }: Question): Promise<ModelAccess> {
    const first = prefersFallback ? ((await fallback()) ?? model) : (model ?? (await fallback()));
    if (!first) throw new ModelError('model_misconfigured');
    return first;
  }

  private totalMs({ timeoutSeconds }: Question, { timeouts }: ModelAccess): number {
    if (timeoutSeconds) return timeoutSeconds * 1_000;
    return timeouts.totalMs ?? this.config.MODEL_TOTAL_TIMEOUT_MS;
  }
}

const isOverflow = (error: unknown): boolean =>
  error instanceof ModelError && error.code === 'context_overflow';
