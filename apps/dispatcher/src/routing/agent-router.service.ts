import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { Asker } from '../asking/asker';
import type { LaneEvent } from '../inbound/lane-event';
import type { Route } from './route';
import { RoutingRepository } from './routing.repository';

/** Decides who answers: the person's own choice, else the group's, else the department's, else the channel's. */
@Injectable()
export class AgentRouter {
  constructor(private readonly rows: RoutingRepository) {}

  async route(event: LaneEvent, asker: Asker, tx: Tx): Promise<Route> {
    const { channel, tenantId, message } = event;
    const chosen = await this.chosen(event, asker, tx);
    const given = channel.hasOverrides
      ? await this.rows.override(tx, tenantId, channel.id, {
          groupId: message.conversation.kind === 'group' ? message.conversation.id : null,
          departments: asker.departments,
        })
      : null;
    return {
      agentVersionId: chosen.agentVersionId ?? given?.agentVersionId ?? channel.agentVersionId,
      modelId: chosen.modelId ?? given?.modelId ?? null,
      lost: chosen.lost,
    };
  }

  /** A deleted agent, a deleted model, or one that may not be chosen any more: reset, and told once. */
  private async chosen({ channel, tenantId }: LaneEvent, asker: Asker, tx: Tx): Promise<Route> {
    const { agentId, modelId, memberId } = asker;
    if (agentId === null && modelId === null)
      return { agentVersionId: null, modelId: null, lost: [] };
    const { agents, models } = channel.choices;
    const isOpen = ({ allowed, ids }: typeof agents, id: string) =>
      allowed && (ids?.includes(id) ?? true);
    const agentVersionId =
      agentId && isOpen(agents, agentId) ? await this.rows.versionOf(tx, tenantId, agentId) : null;
    const model =
      modelId && isOpen(models, modelId) && (await this.rows.hasModel(tx, tenantId, modelId))
        ? modelId
        : null;
    const lost = [
      ...(agentId && !agentVersionId ? (['agent'] as const) : []),
      ...(modelId && !model ? (['model'] as const) : []),
    ];
    for (const what of lost) await this.rows.choose(tx, tenantId, memberId, channel.id, what, null);
    return { agentVersionId, modelId: model, lost };
  }
}
