import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { json } from '../http/wire';

export const API_VERSION = 'carillon/v1';
const MAX_ITEMS = 5_000;

/** In this order they are applied: what is named comes before whoever names it. */
export const sections = ['models', 'toolServers', 'agents', 'channels'] as const;
export type Section = (typeof sections)[number];

/** One resource as it stands in a document: REST fields, but other resources by name, and no secrets unless written. */
export type Item = Record<string, unknown>;

const items = (like: string) =>
  z.array(z.record(z.string(), json)).max(MAX_ITEMS).default([]).describe(like);

export const manifest = z.strictObject({
  apiVersion: z.literal(API_VERSION).default(API_VERSION),
  models: items('As the body of `PATCH /models/{id}`; known by `name`'),
  toolServers: items('As the body of `PATCH /tool-servers/{id}`; known by `name`'),
  agents: items(
    'As the body of `PATCH /agents/{id}`; known by `name`. `model`, `fallbackModel` and `tools` are names',
  ),
  channels: items(
    'As the body of `PATCH /channels/{id}`; known by `clientId`. `defaultAgent`, `defaultModel` and `choices.*.names` are names, `organization` is a corp id',
  ),
});
export type Manifest = z.output<typeof manifest>;

export const itemChange = z.object({
  path: z.string(),
  before: json,
  after: json.describe('Of a secret `set`, or null'),
});
export type ItemChange = z.output<typeof itemChange>;

export const itemResult = z.object({
  kind: z.enum(sections),
  name: z.string().describe('Of a channel its client id'),
  id: z.uuid().nullable().describe('Null: not there yet'),
  action: z.enum(['create', 'update', 'unchanged']),
  changes: z.array(itemChange),
  error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why this one could not be applied; the others were'),
});
export type ItemResult = z.output<typeof itemResult>;

export const applyResult = z.object({
  dryRun: z.boolean(),
  failed: z.number().int(),
  items: z.array(itemResult),
});
export type ApplyResult = z.output<typeof applyResult>;

export class ApplyDto extends createZodDto(manifest) {}
export class ApplyResultDto extends createZodDto(applyResult) {}
export class ApplyQueryDto extends createZodDto(
  z.strictObject({
    dryRun: z.stringbool().default(false).describe('Says what would be done and does nothing'),
  }),
) {}
export class ExportQueryDto extends createZodDto(
  z.strictObject({
    format: z.enum(['yaml', 'json']).default('yaml'),
    kinds: z
      .string()
      .default(sections.join(','))
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(sections)).min(1).max(sections.length))
      .describe('Some of models, toolServers, agents, channels; separated by commas'),
  }),
) {}
