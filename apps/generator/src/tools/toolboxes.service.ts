import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { isUuid } from '@common/kernel';

import type { ClaimedAgent, ClaimedTurn } from '../generation/claimed-turn';
import { BuiltInTools, builtInTools } from './built-in-tools.service';
import { McpServers } from './mcp-servers.service';
import { ToolCallRepository } from './tool-call.repository';
import { ToolServerRepository } from './tool-server.repository';
import type { Toolbox } from './toolbox.port';
import { TurnToolbox } from './turn-toolbox';

/** Steps of asking and using, unless the agent says otherwise. */
const MAX_STEPS = 8;

/** Gathers the tools an agent may use in one turn. */
@Injectable()
export class Toolboxes {
  constructor(
    private readonly builtIn: BuiltInTools,
    private readonly servers: ToolServerRepository,
    private readonly mcp: McpServers,
    private readonly calls: ToolCallRepository,
  ) {}

  /** Null: the agent has none. */
  async of(turn: ClaimedTurn, agent: ClaimedAgent): Promise<Toolbox | null> {
    const names = agent.tools.filter((tool) => typeof tool === 'string');
    if (names.length === 0) return null;
    const own = builtInTools
      .filter((name) => names.includes(name))
      .flatMap((name) => this.builtIn.of(name, turn));
    const servers = await this.servers.find(turn.tenantId, names.filter(isUuid));
    const others = await Promise.all(servers.map((server) => this.mcp.tools(server)));
    const tools = [...own, ...others.flat()];
    if (tools.length === 0) return null;
    const describe = (tool: string): string => say('usingTool', turn.locale, { tool });
    return new TurnToolbox(turn, tools, this.calls, agent.maxSteps ?? MAX_STEPS, describe);
  }
}
