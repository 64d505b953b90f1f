import { Injectable } from '@nestjs/common';

import type { Question } from '../agents/agent.port';
import { UsageTally } from '../agents/usage-tally';
import { ModelRepository } from '../models/model.repository';
import { Toolboxes } from '../tools/toolboxes.service';
import type { ClaimedAgent, ClaimedTurn } from './claimed-turn';
import { withinBudget } from './history-budget';
import { TurnRepository } from './turn.repository';

/** Messages read for the context; the budget decides how many of them the model is sent. */
const HISTORY_LIMIT = 200;

/** Puts together what an agent is told. */
@Injectable()
export class Questions {
  constructor(
    private readonly turns: TurnRepository,
    private readonly models: ModelRepository,
    private readonly toolboxes: Toolboxes,
  ) {}

  /**
   * @param breaks attempts that broke off after their first words
   * @throws DatabaseUnavailableError
   */
  async of(turn: ClaimedTurn, agent: ClaimedAgent, breaks: number): Promise<Question> {
    const history = withinBudget(await this.turns.history(turn, HISTORY_LIMIT));
    const { fallbackModelId } = agent;
    return {
      turnId: turn.id,
      locale: turn.locale,
      instructions: agent.instructions,
      model: agent.model,
      fallback: async () =>
        fallbackModelId ? this.models.find(turn.tenantId, fallbackModelId) : null,
      prefersFallback: breaks > 0,
      timeoutSeconds: agent.timeoutSeconds,
      showsReasoning: agent.showsReasoning,
      history,
      tools: await this.toolboxes.of(turn, agent),
      tally: new UsageTally(),
    };
  }
}
