import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { headers } from '../http/headers';
import { mergePatchSchema } from '../http/merge-patch-schema';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { httpUrl, json, name, stamps } from '../http/wire';

const providers = ['openai-compatible', 'anthropic', 'demo'] as const;

const ms = z.number().int().min(100).max(3_600_000);
const timeouts = z
  .strictObject({
    connectMs: ms.optional(),
    firstTokenMs: ms.optional(),
    betweenTokensMs: ms.optional(),
    totalMs: ms.optional(),
  })
  .describe('Unset: those of the installation');

const price = z.number().nonnegative().max(1_000_000);
const prices = z
  .strictObject({
    inputPerMillion: price.optional(),
    outputPerMillion: price.optional(),
    cachedPerMillion: price.optional().describe('Unset: as other input'),
  })
  .describe('Of a million tokens, in a currency of your own');

export const fields = z.strictObject({
  name,
  provider: z.enum(providers),
  baseUrl: httpUrl.optional().describe('Unset: the provider’s public address, where it has one'),
  apiKey: z.string().min(1).max(4_000).optional().describe('Write-only'),
  upstreamModel: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('What the provider calls it'),
  params: z
    .record(z.string(), json)
    .default({})
    .describe('Sent along with every call, e.g. temperature'),
  headers: headers.optional(),
  proxyUrl: z
    .url({ protocol: /^https?$/, message: 'must be an http or https address' })
    .max(2_000)
    .optional()
    .describe('Only with a platform key: calls through it reach whatever it reaches. Write-only'),
  timeouts: timeouts.default({}),
  prices: prices.default({}),
  contextTokens: z
    .number()
    .int()
    .min(1_000)
    .max(100_000_000)
    .optional()
    .describe('Tokens it can read at once; unset: a careful guess'),
  seesImages: z.boolean().default(false),
  maxConcurrent: z
    .number()
    .int()
    .positive()
    .max(100_000)
    .optional()
    .describe('Answers it gives at a time, over all channels; unset: half of all slots'),
});

/** What only makes sense together. */
export const modelFields = fields.superRefine((model, context) => {
  const needed = {
    'openai-compatible': ['baseUrl', 'upstreamModel'],
    anthropic: ['upstreamModel'],
    demo: [],
  } as const;
  for (const field of needed[model.provider])
    if (model[field] === undefined)
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `is required for the provider ${model.provider}`,
      });
});
export type ModelFields = z.output<typeof modelFields>;

export const modelView = z.object({
  id: z.uuid(),
  name,
  provider: z.enum(providers),
  baseUrl: z.string().nullable(),
  apiKeySet: z.boolean(),
  upstreamModel: z.string().nullable(),
  params: z.record(z.string(), json),
  headerNames: z.array(z.string()).describe('Of the further headers; their values are never shown'),
  proxySet: z.boolean(),
  timeouts,
  prices,
  contextTokens: z.number().int().nullable(),
  seesImages: z.boolean(),
  maxConcurrent: z.number().int().nullable(),
  ...stamps,
});

export const modelTest = z.object({
  checks: z.array(
    z.object({
      name: z.enum(['address', 'answer']),
      ok: z.boolean(),
      code: z.string(),
      message: z.string(),
      userAction: z.string().nullable(),
    }),
  ),
});
export type ModelCheck = z.output<typeof modelTest>['checks'][number];

export class CreateModelDto extends createZodDto(nullIsUnset(modelFields)) {}
export class UpdateModelDto extends createZodDto(mergePatchSchema(fields)) {}
export class ListModelsDto extends createZodDto(pageQuery) {}
export class ModelDto extends createZodDto(modelView) {}
export class ModelListDto extends createZodDto(pageOf(modelView)) {}
export class ModelTestDto extends createZodDto(modelTest) {}
