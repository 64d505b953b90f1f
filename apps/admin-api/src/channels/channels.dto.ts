import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import {
  accessRules,
  acknowledgements,
  busyPolicies,
  cardPaces,
  choiceSettings,
  locales,
  memberMapping,
  serviceSettings,
  sessionScopes,
  welcomeSettings,
} from '@common/domain';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { nullIsUnset } from '../http/null-is-unset';
import { httpUrl, isoTime, name, stamps } from '../http/wire';

const MAX_SECRET = 500;
const ONE_YEAR_MINUTES = 525_600;

const card = z.strictObject({
  enabled: z.boolean().default(true),
  templateId: z.string().trim().min(1).max(200).optional().describe('Unset: the public template'),
  contentKey: z.string().trim().min(1).max(200).optional().describe('Its streaming variable'),
  pace: z.enum(cardPaces).default('balanced'),
  aiMark: z
    .string()
    .trim()
    .max(100)
    .optional()
    .describe('The line under answers that says who made them; unset: "AI-generated"; empty: none'),
  buttons: z
    .boolean()
    .optional()
    .describe('The own template has buttons that follow its variable carillonState'),
  acknowledge: z
    .enum(acknowledgements)
    .optional()
    .describe(
      'reaction: "thinking" on the question until the answer is there, with or without cards; two calls an answer. Unset: none',
    ),
});
const session = z.strictObject({
  scope: z.enum(sessionScopes).default('person'),
  idleMinutes: z.number().int().min(1).max(ONE_YEAR_MINUTES).default(1_440),
});
const callback = z.strictObject({
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable characters without blanks')
    .describe('Write-only'),
  aesKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}$/, 'must be the 43 characters that the developer console shows')
    .describe('Write-only'),
  apiSecret: z
    .string()
    .min(1)
    .max(MAX_SECRET)
    .optional()
    .describe('Write-only; signs card actions. Unset: the token or the client secret does'),
  previous: z
    .null()
    .optional()
    .describe('null: the pair before the last change is refused from now on, not after 24 h'),
});
const endpoint = z
  .strictObject({
    apiUrl: httpUrl.optional().describe('Unset: DINGTALK_API_URL'),
    oapiUrl: httpUrl.optional().describe('Unset: DINGTALK_OAPI_URL'),
  })
  .describe('Its own platform: DingTalk abroad, a private one (inside: with a platform key)');

const canary = z
  .strictObject({
    version: z.number().int().positive().describe('Of the default agent'),
    percent: z.number().int().min(1).max(100),
  })
  .describe(
    'Another version answers this share of the sessions; a session stays on its side. Ends with the default agent',
  );
export const channelFields = z.strictObject({
  name,
  type: z.literal('dingtalk').default('dingtalk'),
  clientId: z.string().trim().min(1).max(200),
  clientSecret: z.string().min(1).max(MAX_SECRET).describe('Write-only'),
  robotCode: z.string().trim().min(1).max(200).optional().describe('Unset: the client id'),
  defaultAgentId: z.uuid().optional(),
  canary: canary.optional(),
  defaultModelId: z.uuid().optional(),
  organizationId: z.uuid().optional(),
  enabled: z.boolean().default(true),
  locale: z.enum(locales).default('zh'),
  card: card.prefault({}),
  session: session.prefault({}),
  access: accessRules.prefault({}),
  service: serviceSettings.prefault({}),
  welcome: welcomeSettings.prefault({}),
  choices: choiceSettings.prefault({}),
  busy: z.enum(busyPolicies).default('queue'),
  callsPerSecond: z.number().positive().max(1_000).optional().describe('Unset: the edition’s'),
  connections: z
    .number()
    .int()
    .min(1)
    .max(2)
    .default(1)
    .describe('Gateways that are connected at a time; with 2 the death of one leaves no gap'),
  memberMapping: memberMapping.prefault({}),
  endpoint: endpoint.optional(),
  callback: callback.optional().describe('For HTTP callbacks; Stream needs none'),
});
export type ChannelFields = z.output<typeof channelFields>;

/** The same after a merge: secrets that were not written again stay what they are, unseen. */
export const mergedChannel = channelFields.extend({
  clientSecret: channelFields.shape.clientSecret.optional(),
});
export type MergedChannel = z.output<typeof mergedChannel>;
export type Callback = z.output<typeof callback>;

/** A new client secret that the platform has not taken yet; never its value. */
export const pendingSecret = z
  .object({
    since: isoTime,
    tries: z.number().int(),
    lastError: z.object({ code: z.string(), message: z.string(), at: isoTime }).nullable(),
  })
  .nullable()
  .describe('A new client secret that is being tried');
export type PendingSecret = z.output<typeof pendingSecret>;

export const newSecret = z.strictObject({
  clientSecret: channelFields.shape.clientSecret,
});

export const channelView = z.object({
  id: z.uuid(),
  name,
  type: z.literal('dingtalk'),
  clientId: z.string(),
  clientSecretSet: z.boolean(),
  robotCode: z.string().nullable(),
  defaultAgentId: z.uuid().nullable(),
  canary: canary.nullable(),
  defaultModelId: z.uuid().nullable(),
  organizationId: z.uuid().nullable(),
  enabled: z.boolean(),
  locale: z.enum(locales),
  card: z.object({
    enabled: z.boolean(),
    templateId: z.string().optional(),
    contentKey: z.string().optional(),
    pace: z.enum(cardPaces),
    aiMark: z.string().optional(),
    buttons: z.boolean().optional(),
    acknowledge: z.enum(acknowledgements).optional(),
  }),
  session: z.object({ scope: z.enum(sessionScopes), idleMinutes: z.number().int() }),
  access: accessRules,
  service: serviceSettings,
  welcome: welcomeSettings,
  choices: choiceSettings,
  busy: z.enum(busyPolicies),
  callsPerSecond: z.number().nullable(),
  connections: z.number().int(),
  memberMapping,
  endpoint: endpoint.nullable(),
  callback: z.object({
    tokenSet: z.boolean(),
    aesKeySet: z.boolean(),
    apiSecretSet: z.boolean(),
    previousUntil: isoTime.nullable().describe('Until when the pair before is accepted, too'),
  }),
  pendingSecret,
  ...stamps,
});

export class CreateChannelDto extends createZodDto(nullIsUnset(channelFields)) {}
export class UpdateChannelDto extends createZodDto(mergePatchSchema(channelFields)) {}
export class NewSecretDto extends createZodDto(newSecret) {}
export class ChannelDto extends createZodDto(channelView) {}
