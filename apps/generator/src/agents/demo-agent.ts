import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';

import { Suspension } from '../tools/suspension';
import { Agent, type AnswerPart, type Question } from './agent.port';
import { demoAnswer, demoChoice, demoForm, piecesOf } from './demo-answer';

/** Pause between two pieces, so that a person sees the card fill. */
const PIECE_MS = 50;

/** Answers without a model or a key, and says that it does. */
@Injectable()
export class DemoAgent extends Agent {
  constructor(private readonly clock: Clock) {
    super();
  }

  async *answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const chosen = await this.ask(question, signal);
    const { history } = question;
    const words = chosen === null ? demoAnswer(history) : demoChoice(chosen, history);
    for (const text of piecesOf(words)) {
      signal.throwIfAborted();
      yield { text };
      await this.clock.sleep(PIECE_MS, signal);
    }
  }

  /** Shows a form to who asks for one. @returns what the person chose; null when nobody is asked @throws Suspension */
  private async ask(
    { history, tools, pause }: Question,
    signal: AbortSignal,
  ): Promise<string | null> {
    const form = pause?.open[0] ?? demoForm(history);
    if (!form || !tools?.specs.some(({ name }) => name === form.name)) return null;
    try {
      return await tools.use(form, signal);
    } catch (error) {
      if (error instanceof Suspension) error.pause = { messages: [], open: [form], said: '' };
      throw error;
    }
  }
}
