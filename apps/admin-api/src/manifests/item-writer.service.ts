import { Injectable } from '@nestjs/common';

import { AgentsService } from '../agents/agents.service';
import { agentFields } from '../agents/agents.dto';
import type { Caller } from '../auth/caller.decorator';
import { channelFields } from '../channels/channels.dto';
import { ChannelsService } from '../channels/channels.service';
import { modelFields } from '../models/models.dto';
import { ModelsService } from '../models/models.service';
import { toolServerFields } from '../tool-servers/tool-servers.dto';
import { ToolServersService } from '../tool-servers/tool-servers.service';
import type { Item, Section } from './manifest.dto';

/** Writes one resource as its REST route would: with audit row, checks and announcement. */
@Injectable()
export class ItemWriter {
  constructor(
    private readonly models: ModelsService,
    private readonly toolServers: ToolServersService,
    private readonly agents: AgentsService,
    private readonly channels: ChannelsService,
  ) {}

  async create(caller: Caller, section: Section, body: Item): Promise<string> {
    // As in the bodies of the routes, null says not set.
    const fields = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
    return (await this.created(caller, section, fields)).id;
  }

  async update(caller: Caller, section: Section, id: string, patch: Item): Promise<void> {
    await this[section].update(caller, id, patch, undefined);
  }

  private created(caller: Caller, section: Section, fields: Item): Promise<{ id: string }> {
    switch (section) {
      case 'models':
        return this.models.create(caller, modelFields.parse(fields));
      case 'toolServers':
        return this.toolServers.create(caller, toolServerFields.parse(fields));
      case 'agents':
        return this.agents.create(caller, agentFields.parse(fields));
      case 'channels':
        return this.channels.create(caller, channelFields.parse(fields));
    }
  }
}
