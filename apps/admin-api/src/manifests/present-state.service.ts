import { Injectable } from '@nestjs/common';

import { AgentsService } from '../agents/agents.service';
import type { Caller } from '../auth/caller.decorator';
import { ChannelList } from '../channels/channel-list.service';
import { MAX_PAGE, type Page } from '../http/page';
import { ModelsService } from '../models/models.service';
import { OrganizationsService } from '../organizations/organizations.service';
import { ToolServersService } from '../tool-servers/tool-servers.service';
import { itemOf } from './item-shape';
import { kinds } from './kinds';
import { type Item, type Section, sections } from './manifest.dto';
import { NameBook } from './name-book';

/** One resource that is there. */
export interface Present {
  readonly id: string;
  readonly name: string;
  readonly item: Item;
}

export interface PresentState {
  readonly names: NameBook;
  readonly of: Readonly<Record<Section, readonly Present[]>>;
}

type View = Record<string, unknown> & { readonly id: string };
type Query = { limit: number; cursor?: string };

/** What a tenant has, as documents see it. */
@Injectable()
export class PresentStateReader {
  constructor(
    private readonly models: ModelsService,
    private readonly toolServers: ToolServersService,
    private readonly agents: AgentsService,
    private readonly channels: ChannelList,
    private readonly organizations: OrganizationsService,
  ) {}

  async read(caller: Caller): Promise<PresentState> {
    const names = new NameBook();
    const organizations = await all((query) => this.organizations.list(caller, query));
    for (const { id, corpId } of organizations) names.add('organizations', corpId, id);
    const views: Record<Section, View[]> = {
      models: await all((query) => this.models.list(caller, query)),
      toolServers: await all((query) => this.toolServers.list(caller, query)),
      agents: await all((query) => this.agents.list(caller, query)),
      channels: await all((query) => this.channels.list(caller, query)),
    };
    for (const section of sections)
      for (const view of views[section])
        names.add(section, String(view[kinds[section].key]), view.id);
    const presentOf = (section: Section) =>
      views[section].map((view) => ({
        id: view.id,
        name: String(view[kinds[section].key]),
        item: itemOf(kinds[section], view, names),
      }));
    return {
      names,
      of: {
        models: presentOf('models'),
        toolServers: presentOf('toolServers'),
        agents: presentOf('agents'),
        channels: presentOf('channels'),
      },
    };
  }
}

async function all<T>(list: (query: Query) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: MAX_PAGE, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
