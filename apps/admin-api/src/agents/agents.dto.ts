import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { httpUrl, name, stamps } from '../http/wire';

const MAX_INSTRUCTIONS = 200_000;
const kinds = ['llm', 'http', 'dify', 'demo'] as const;
const builtInTools = ['current_time', 'member_memory', 'directory', 'ask_person'] as const;
const tool = z
  .union([z.enum(builtInTools), z.uuid()])
  .describe('A built-in tool, or the id of a tool server');

const limits = z
  .object({
    timeoutSeconds: z.number().positive().max(3_600).optional(),
    maxSteps: z
      .number()
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe('Of asking for tools and using them'),
  })
  .catchall(z.number().nonnegative())
  .describe('Numbers that bound one answer');

export const fields = z.strictObject({
  name,
  kind: z.enum(kinds),
  instructions: z.string().max(MAX_INSTRUCTIONS).default(''),
  modelId: z.uuid().optional().describe('Unset: the channel’s default model'),
  fallbackModelId: z.uuid().optional().describe('Asked when the first one cannot answer'),
  tools: z.array(tool).max(100).default([]),
  limits: limits.default({}),
  showReasoning: z.boolean().default(false).describe('Shows in quotation what a model only thinks'),
  url: httpUrl
    .optional()
    .describe('Of kinds http (asked by POST) and dify (its API, ends with /v1)'),
  secret: z
    .string()
    .min(1)
    .max(4_000)
    .optional()
    .describe('http: signs the requests (HMAC-SHA256); dify: the key of the app. Write-only'),
});

/** What only makes sense together. */
export const agentFields = fields.superRefine((agent, context) => {
  if ((agent.kind === 'http' || agent.kind === 'dify') && agent.url === undefined)
    context.addIssue({
      code: 'custom',
      path: ['url'],
      message: `is required for the kind ${agent.kind}`,
    });
});
export type AgentFields = z.output<typeof agentFields>;

export const agentView = z.object({
  id: z.uuid(),
  name,
  kind: z.enum(kinds),
  instructions: z.string(),
  modelId: z.uuid().nullable(),
  fallbackModelId: z.uuid().nullable(),
  tools: z.array(z.string()),
  limits: z.record(z.string(), z.number()),
  showReasoning: z.boolean(),
  url: z.string().nullable(),
  secretSet: z.boolean(),
  version: z.number().int().describe('Number of the version that answers'),
  currentVersionId: z.uuid().describe('What `agentVersionId` of a turn points at'),
  ...stamps,
});

export class CreateAgentDto extends createZodDto(nullIsUnset(agentFields)) {}
// A member that is given as null is removed; arrays are replaced as a whole.
export class UpdateAgentDto extends createZodDto(mergePatchSchema(fields)) {}
export class ListAgentsDto extends createZodDto(pageQuery) {}
export class AgentDto extends createZodDto(agentView) {}
export class AgentListDto extends createZodDto(pageOf(agentView)) {}
