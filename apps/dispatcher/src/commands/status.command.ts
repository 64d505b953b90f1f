import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { AgentRouter } from '../routing/agent-router.service';
import { RoutingRepository } from '../routing/routing.repository';
import { SessionBook } from '../sessions/session-book.service';
import { OpenTurnsRepository } from '../turns/open-turns.repository';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/** `/status`: who answers here, in which conversation, and what is under way. */
@Injectable()
export class StatusCommand extends ChatCommand {
  readonly name = 'status';

  constructor(
    private readonly router: AgentRouter,
    private readonly routing: RoutingRepository,
    private readonly sessions: SessionBook,
    private readonly turns: OpenTurnsRepository,
  ) {
    super();
  }

  async run({ event, asker }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const { tenantId, threadId, channel } = event;
    const { locale } = asker;
    const route = await this.router.route(event, asker, tx);
    const modelId = route.modelId;
    const names = await this.routing.names(tx, tenantId, route.agentVersionId, modelId);
    const open = await this.turns.ofThread(tx, tenantId, threadId, null);
    const current = (await this.sessions.newest(event, tx)).find(({ isCurrent }) => isCurrent);
    const session = current && `${current.number} ${current.title ?? say('untitled', locale)}`;
    return {
      say: say('status', locale, {
        bot: channel.name,
        agent: names.agent ?? say('none', locale),
        model: names.model ?? say('byAgent', locale),
        session: session ?? say('none', locale),
        running: String(open.filter(({ state }) => state !== 'queued').length),
        queued: String(open.filter(({ state }) => state === 'queued').length),
      }),
    };
  }
}
