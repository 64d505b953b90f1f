import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { pageOf, pageQuery } from '../http/page';
import { json, name, stamps } from '../http/wire';

const MAX_INSTRUCTIONS = 200_000;
const kinds = ['llm', 'http', 'dify', 'demo'] as const;
const tool = z.union([z.string().min(1).max(200), z.looseObject({ name: z.string().min(1) })]);

const limits = z
  .object({
    timeoutSeconds: z.number().positive().max(3_600).optional(),
  })
  .catchall(z.number().nonnegative())
  .describe('Numbers that bound one answer');

export const agentFields = z.strictObject({
  name,
  kind: z.enum(kinds),
  instructions: z.string().max(MAX_INSTRUCTIONS).default(''),
  modelId: z.uuid().optional().describe('Unset: the channel’s default model'),
  fallbackModelId: z.uuid().optional().describe('Asked when the first one cannot answer'),
  tools: z.array(tool).max(100).default([]),
  limits: limits.default({}),
});
export type AgentFields = z.output<typeof agentFields>;

export const agentView = z.object({
  id: z.uuid(),
  name,
  kind: z.enum(kinds),
  instructions: z.string(),
  modelId: z.uuid().nullable(),
  fallbackModelId: z.uuid().nullable(),
  tools: z.array(json),
  limits: z.record(z.string(), z.number()),
  version: z.number().int().describe('Raised with every change of behaviour'),
  currentVersionId: z.uuid().describe('What `agentVersionId` of a turn points at'),
  ...stamps,
});

export class CreateAgentDto extends createZodDto(agentFields) {}
// A member that is given as null is removed; arrays are replaced as a whole.
export class UpdateAgentDto extends createZodDto(mergePatchSchema(agentFields)) {}
export class ListAgentsDto extends createZodDto(pageQuery) {}
export class AgentDto extends createZodDto(agentView) {}
export class AgentListDto extends createZodDto(pageOf(agentView)) {}
