import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { roles } from '../auth/role';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { isoTime, name } from '../http/wire';

const channelIds = z.array(z.uuid()).min(1).max(200);

export const apiKeyFields = z.strictObject({
  name,
  role: z.enum(roles),
  expiresAt: z.iso.datetime({ offset: true }).optional().describe('Unset: never'),
  scope: z
    .enum(['tenant', 'platform'])
    .optional()
    .describe('`platform` keys act in every tenant; only a platform key may create one'),
  channelIds: channelIds
    .optional()
    .describe('The key then reaches these channels and lists that are asked for one of them'),
});

export const apiKeyView = z.object({
  id: z.uuid(),
  name,
  role: z.enum(roles),
  scope: z.enum(['tenant', 'platform']),
  channelIds: channelIds.nullable().describe('Null: everything'),
  prefix: z.string().describe('First characters of the key, to recognise it by'),
  createdAt: isoTime,
  expiresAt: isoTime.nullable(),
  lastUsedAt: isoTime.nullable(),
  revokedAt: isoTime.nullable(),
});

export class CreateApiKeyDto extends createZodDto(nullIsUnset(apiKeyFields)) {}
export const rotation = z.strictObject({
  overlapSeconds: z
    .number()
    .int()
    .min(0)
    .max(604_800)
    .default(86_400)
    .describe('How long the old key works beside the new one'),
});

export class RotateApiKeyDto extends createZodDto(rotation) {}
export class ListApiKeysDto extends createZodDto(pageQuery) {}
export class ApiKeyDto extends createZodDto(apiKeyView) {}
export class ApiKeyListDto extends createZodDto(pageOf(apiKeyView)) {}
export class CreatedApiKeyDto extends createZodDto(
  apiKeyView.extend({ key: z.string().describe('Shown this once') }),
) {}
