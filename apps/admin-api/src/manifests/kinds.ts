import type { z } from 'zod';

import { agentFields, fields as agentShape } from '../agents/agents.dto';
import { channelFields, mergedChannel } from '../channels/channels.dto';
import { mergePatchSchema } from '../http/merge-patch-schema';
import { fields as modelShape, modelFields } from '../models/models.dto';
import { fields as toolServerShape, toolServerFields } from '../tool-servers/tool-servers.dto';
import type { Section } from './manifest.dto';
import type { Target } from './name-book';

/** A field of a document that names another resource, and the field of the REST body that has its id. */
export interface ReferenceField {
  readonly path: readonly string[];
  readonly becomes: readonly string[];
  readonly target: Target;
  /** Many names; words that are no names stay (built-in tools). */
  readonly list?: { readonly words: readonly string[] };
}

export interface Kind {
  readonly section: Section;
  /** The field it is known by. */
  readonly key: 'name' | 'clientId';
  readonly secrets: readonly string[];
  readonly references: readonly ReferenceField[];
  /** Of views only, or bound to one installation. */
  readonly omitted: readonly string[];
  readonly created: z.ZodType;
  readonly merged: z.ZodType;
  readonly patch: z.ZodType;
}

const STAMPS = ['id', 'createdAt', 'updatedAt', 'revision'];
const BUILT_IN_TOOLS = ['current_time', 'member_memory', 'directory', 'ask_person'];

const one = (path: string, becomes: string, target: Target): ReferenceField => ({
  path: [path],
  becomes: [becomes],
  target,
});
const chosen = (what: 'agents' | 'models'): ReferenceField => ({
  path: ['choices', what, 'names'],
  becomes: ['choices', what, 'ids'],
  target: what,
  list: { words: [] },
});

export const kinds: Readonly<Record<Section, Kind>> = {
  models: {
    section: 'models',
    key: 'name',
    secrets: ['apiKey', 'headers', 'proxyUrl'],
    references: [],
    omitted: [...STAMPS, 'apiKeySet', 'headerNames', 'proxySet'],
    created: modelFields,
    merged: modelFields,
    patch: mergePatchSchema(modelShape),
  },
  toolServers: {
    section: 'toolServers',
    key: 'name',
    secrets: ['headers'],
    references: [],
    omitted: [...STAMPS, 'headersSet'],
    created: toolServerFields,
    merged: toolServerFields,
    patch: mergePatchSchema(toolServerShape),
  },
  agents: {
    section: 'agents',
    key: 'name',
    secrets: ['secret'],
    references: [
      one('model', 'modelId', 'models'),
      one('fallbackModel', 'fallbackModelId', 'models'),
      {
        path: ['tools'],
        becomes: ['tools'],
        target: 'toolServers',
        list: { words: BUILT_IN_TOOLS },
      },
    ],
    omitted: [...STAMPS, 'secretSet', 'version', 'currentVersionId'],
    created: agentFields,
    merged: agentFields,
    patch: mergePatchSchema(agentShape),
  },
  channels: {
    section: 'channels',
    key: 'clientId',
    secrets: ['clientSecret', 'callback'],
    references: [
      one('defaultAgent', 'defaultAgentId', 'agents'),
      one('defaultModel', 'defaultModelId', 'models'),
      one('organization', 'organizationId', 'organizations'),
      chosen('agents'),
      chosen('models'),
    ],
    omitted: [...STAMPS, 'type', 'clientSecretSet', 'callback', 'pendingSecret', 'canary'],
    created: channelFields,
    merged: mergedChannel,
    patch: mergePatchSchema(channelFields),
  },
};
