import { isDeepStrictEqual } from 'node:util';

import type { z } from 'zod';

import { NotFoundError } from '../http/api.errors';
import { iso } from '../http/wire';
import type { AgentFields, agentView } from './agents.dto';
import type { AgentRow } from './agents.repository';

export type AgentView = z.output<typeof agentView>;

export const secretsIn = ({ secret }: { readonly secret?: unknown }): string[] =>
  secret === undefined ? [] : ['secret'];

export function present(row: AgentRow | undefined): AgentRow {
  if (!row) throw new NotFoundError('agent');
  return row;
}

export const behavesAlike = (one: AgentFields, other: AgentFields): boolean =>
  isDeepStrictEqual({ ...one, name: '' }, { ...other, name: '' });

export const fieldsOfAgent = (row: AgentRow): AgentFields => ({
  name: row.name,
  kind: row.kind,
  instructions: row.instructions,
  ...(row.model_id === null ? {} : { modelId: row.model_id }),
  ...(row.fallback_model_id === null ? {} : { fallbackModelId: row.fallback_model_id }),
  tools: row.tools,
  limits: row.limits,
  showReasoning: row.show_reasoning,
  ...(row.endpoint_url === null ? {} : { url: row.endpoint_url }),
});

/** An agent as clients see it, with one of its versions. */
export const viewOfAgent = (row: AgentRow): AgentView => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  instructions: row.instructions,
  modelId: row.model_id,
  fallbackModelId: row.fallback_model_id,
  tools: row.tools,
  limits: row.limits as AgentView['limits'],
  showReasoning: row.show_reasoning,
  url: row.endpoint_url,
  secretSet: row.endpoint_secret !== null,
  version: row.version,
  currentVersionId: row.version_id,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});
