import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';

import { Agent, type AnswerPart, type Question } from './agent.port';
import { demoAnswer, piecesOf } from './demo-answer';

/** Pause between two pieces, so that a person sees the card fill. */
const PIECE_MS = 50;

/** Answers without a model or a key, and says that it does. */
@Injectable()
export class DemoAgent extends Agent {
  constructor(private readonly clock: Clock) {
    super();
  }

  async *answer({ history }: Question, signal: AbortSignal): AsyncIterable<AnswerPart> {
    for (const text of piecesOf(demoAnswer(history))) {
      signal.throwIfAborted();
      yield { text };
      await this.clock.sleep(PIECE_MS, signal);
    }
  }
}
