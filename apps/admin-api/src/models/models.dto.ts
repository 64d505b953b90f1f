import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { pageOf, pageQuery } from '../http/page';
import { httpUrl, json, name, stamps } from '../http/wire';

const providers = ['openai-compatible', 'anthropic', 'demo'] as const;

const fields = z.strictObject({
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
  ...stamps,
});

export class CreateModelDto extends createZodDto(modelFields) {}
export class UpdateModelDto extends createZodDto(mergePatchSchema(fields)) {}
export class ListModelsDto extends createZodDto(pageQuery) {}
export class ModelDto extends createZodDto(modelView) {}
export class ModelListDto extends createZodDto(pageOf(modelView)) {}
