import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { Clock } from '@common/kernel';

import { GeneratorConfig } from '../generator.config';
import { withoutPixels, withPixels } from '../models/for-eyes';
import type { ModelAccess } from '../models/model-access';
import { ModelError } from '../models/model.errors';
import type { ModelMessage, ToolRequest } from '../models/model-provider.port';
import { ModelVoice } from '../models/model-voice.service';
import { Suspension } from '../tools/suspension';
import { Agent, type AnswerPart, type Question } from './agent.port';
import { imagesIn, messagesOf, withoutOldest } from './conversation';
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
    const { pause } = question;
    let messages = pause ? withPixels(pause.messages, imagesIn(question)) : messagesOf(question);
    let shown = pause?.said ?? '';
    if (pause) {
      question.tools?.recall(requestsIn(messages, pause.open));
      if (shown !== '') yield { text: shown };
      yield* this.fulfil(question, messages, pause.open, shown, signal);
    }
    for (let n = 1; ; n += 1) {
      const isLast = n > (question.tools?.maxSteps ?? 0);
      const tools = isLast ? [] : (question.tools?.specs ?? []);
      const { instructions, showsReasoning, fallback } = question;
      const asked = { model, fallback, instructions, messages, tools, deadlineAt, showsReasoning };
      const step = new ModelStep(question, asked);
      try {
        for await (const part of this.voice.speak(asked, signal)) {
          const piece = step.read(part);
          if (piece) yield piece;
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
      shown += step.said;
      if (step.said.trim() !== '') {
        shown += '\n\n';
        yield { text: '\n\n' };
      }
      messages = [...messages, step.asMessage()];
      yield* this.fulfil(question, messages, step.requests, shown, signal);
    }
  }

  /** Uses the tools a model asked for, and adds what came of it to the messages. */
  private async *fulfil(
    question: Question,
    messages: ModelMessage[],
    requests: readonly ToolRequest[],
    shown: string,
    signal: AbortSignal,
  ): AsyncIterable<AnswerPart> {
    for (const [n, request] of requests.entries()) {
      yield { note: question.tools?.describe(request) ?? '' };
      try {
        messages.push(await this.use(question, request, signal));
      } catch (error) {
        if (error instanceof Suspension)
          error.pause = { messages: withoutPixels(messages), open: requests.slice(n), said: shown };
        throw error;
      }
    }
  }

  private async use(
    { tools, tally }: Question,
    request: ToolRequest,
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

/** Wishes that were fulfilled before the pause. */
const requestsIn = (
  messages: readonly ModelMessage[],
  open: readonly ToolRequest[],
): ToolRequest[] =>
  messages
    .flatMap((message) => (message.role === 'assistant' ? (message.requests ?? []) : []))
    .filter(({ id }) => !open.some((one) => one.id === id));
