import { Injectable } from '@nestjs/common';

import type { Question } from '../agents/agent.port';
import { UsageTally } from '../agents/usage-tally';
import { Contexts } from '../context/contexts.service';
import { ModelRepository } from '../models/model.repository';
import { Toolboxes } from '../tools/toolboxes.service';
import type { ClaimedAgent, ClaimedTurn } from './claimed-turn';

/** Puts together what an agent is told. */
@Injectable()
export class Questions {
  constructor(
    private readonly contexts: Contexts,
    private readonly models: ModelRepository,
    private readonly toolboxes: Toolboxes,
  ) {}

  /**
   * @param breaks attempts that broke off after their first words
   * @throws DatabaseUnavailableError
   */
  async of(
    turn: ClaimedTurn,
    agent: ClaimedAgent,
    breaks: number,
    signal: AbortSignal,
  ): Promise<Question> {
    const [context, tools] = await Promise.all([
      this.contexts.of(turn, agent, signal),
      this.toolboxes.of(turn, agent),
    ]);
    const { fallbackModelId } = agent;
    return {
      turnId: turn.id,
      locale: turn.locale,
      instructions: context.instructions,
      model: agent.model,
      fallback: async () =>
        fallbackModelId ? this.models.find(turn.tenantId, fallbackModelId) : null,
      prefersFallback: breaks > 0,
      timeoutSeconds: agent.timeoutSeconds,
      showsReasoning: agent.showsReasoning,
      history: context.history,
      unreadable: context.unreadable,
      tools,
      pause: turn.pause,
      outside: agent.endpoint && {
        endpoint: agent.endpoint,
        tenantId: turn.tenantId,
        agentId: agent.id,
        sessionId: turn.sessionId,
        memberId: turn.memberId,
      },
      tally: new UsageTally(),
    };
  }
}
