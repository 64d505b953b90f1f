import type { OpenAPIObject } from '@nestjs/swagger';
import type { ZodDto } from 'nestjs-zod';
import { z } from 'zod';

import * as access from '../access/access.dto';
import * as agentVersions from '../agents/agent-versions.dto';
import * as administrators from '../administrators/administrators.dto';
import * as agents from '../agents/agents.dto';
import * as apiKeys from '../api-keys/api-keys.dto';
import * as audit from '../audit/audit.dto';
import * as budgets from '../budgets/budgets.dto';
import * as channelBulk from '../channels/channel-bulk.dto';
import * as channelList from '../channels/channel-list.dto';
import * as channelStatus from '../channels/channel-status.dto';
import * as channels from '../channels/channels.dto';
import * as contentRules from '../content-rules/content-rules.dto';
import * as deliveries from '../deliveries/deliveries.dto';
import * as feedback from '../feedback/feedback.dto';
import { json } from '../http/wire';
import * as connections from '../connections/connections.dto';
import * as manifests from '../manifests/manifest.dto';
import * as keys from '../keys/keys.dto';
import * as members from '../members/members.dto';
import * as messages from '../messages/messages.dto';
import * as models from '../models/models.dto';
import * as notices from '../notices/notices.dto';
import * as organizations from '../organizations/organizations.dto';
import * as privacy from '../privacy/privacy.dto';
import * as queues from '../queues/queues.dto';
import * as sessions from '../sessions/sessions.dto';
import * as system from '../system/system.dto';
import * as tenants from '../tenants/tenants.dto';
import * as toolServers from '../tool-servers/tool-servers.dto';
import * as turns from '../turns/turns.dto';
import * as usage from '../usage/usage.dto';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const FILES: readonly object[] = [
  tenants,
  apiKeys,
  administrators,
  audit,
  keys,
  privacy,
  organizations,
  models,
  agents,
  agentVersions,
  toolServers,
  budgets,
  contentRules,
  usage,
  channels,
  channelStatus,
  channelBulk,
  channelList,
  sessions,
  turns,
  queues,
  deliveries,
  feedback,
  notices,
  access,
  members,
  messages,
  connections,
  system,
  manifests,
];
const REFERENCE = '#/components/schemas/';
/** How the framework names the schemas of bodies and, with the suffix, of answers. */
const GENERATED_NAME = /^(\w+?)Dto(_Output)?$/;

/**
 * The framework's detour over its own metadata takes `type: ["string", "null"]` for an array, so bodies and answers are
 * described straight from their schemas; under plain names.
 */
export function withDtoSchemas(document: OpenAPIObject): OpenAPIObject {
  const generated = Object.keys(document.components?.schemas ?? {});
  const used = (suffix: string) =>
    [...dtos()].filter(([name]) => generated.includes(`${name}${suffix}`));
  const schemas = { ...described(used(''), 'input'), ...described(used('_Output'), 'output') };
  return { ...renamed(document), components: { ...document.components, schemas } };
}

function dtos(): Map<string, z.ZodType> {
  const classes = FILES.flatMap((file) => Object.entries(file)).filter(
    (entry): entry is [string, ZodDto<z.ZodType>] =>
      (entry[1] as { isZodDto?: unknown }).isZodDto === true,
  );
  return new Map(classes.map(([name, dto]) => [name, dto.schema]));
}

function described(named: readonly [string, z.ZodType][], io: 'input' | 'output'): Schemas {
  const registry = z.registry<{ id: string }>();
  registry.add(json, { id: 'Json' });
  for (const [name, schema] of named) registry.add(schema, { id: plain(name) });
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => `${REFERENCE}${id}` });
  const bare = Object.entries(schemas).map(([id, { $schema: _s, $id: _i, ...schema }]) => [
    id,
    schema as Schemas[string],
  ]);
  return Object.fromEntries(bare) as Schemas;
}

const plain = (name: string): string => name.replace(GENERATED_NAME, '$1');

function renamed(document: OpenAPIObject): OpenAPIObject {
  return JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string'
      ? `${REFERENCE}${plain(value.slice(REFERENCE.length))}`
      : value,
  ) as OpenAPIObject;
}
