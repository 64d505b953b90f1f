import type { Clock } from '@common/kernel';

import { aModel, aQuestion } from '../generation/claimed-turn.fixture';
import type { ModelAccess } from '../models/model-access';
import { aVoice } from '../models/voice.fixture';
import type { AnswerPart, Question } from './agent.port';
import { LlmAgent } from './llm-agent';
import { UsageTally } from './usage-tally';

export interface Trial {
  readonly model?: Partial<ModelAccess>;
  readonly question?: Partial<Question>;
  readonly signal?: AbortSignal;
  readonly silenceMs?: number;
  readonly clock: Clock;
  readonly onPart?: (part: AnswerPart) => void;
}

/** Asks an agent whose model is at this address, and collects what it says. */
export async function askAgent(url: string, trial: Trial) {
  const { voice, config, clock } = aVoice({ silenceMs: trial.silenceMs, clock: trial.clock });
  const agent = new LlmAgent(config, voice, clock);
  const model = aModel({ baseUrl: url, ...trial.model });
  const parts: AnswerPart[] = [];
  const tally = new UsageTally();
  const answer = agent.answer(
    aQuestion({ model, tally, ...trial.question }),
    trial.signal ?? new AbortController().signal,
  );
  for await (const part of answer) {
    parts.push(part);
    trial.onPart?.(part);
  }
  return {
    text: parts.map((part) => ('text' in part ? (part.aside ?? '') + part.text : '')).join(''),
    parts,
    usage: tally.total,
  };
}
