import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { pageOf, pageQuery } from '../http/page';
import { isoTime } from '../http/wire';

export const pairingStates = ['pending', 'approved', 'denied'] as const;

export const pairingView = z.object({
  memberId: z.uuid(),
  memberName: z.string(),
  state: z.enum(pairingStates),
  askedAt: isoTime.nullable(),
  decidedAt: isoTime.nullable(),
});
export type PairingView = z.output<typeof pairingView>;

export const overrideFields = z
  .strictObject({
    kind: z.enum(['group', 'department']),
    value: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .refine((id) => !id.includes('\0') && id.isWellFormed(), { message: 'is not well formed' })
      .describe('Conversation id of the group, or id of the department'),
    agentId: z.uuid().optional(),
    modelId: z.uuid().optional(),
  })
  .refine(({ agentId, modelId }) => agentId !== undefined || modelId !== undefined, {
    message: 'needs an agent or a model',
    path: ['agentId'],
  });
export type OverrideFields = z.output<typeof overrideFields>;

export const overrideView = z.object({
  id: z.uuid(),
  kind: z.enum(['group', 'department']),
  value: z.string(),
  agentId: z.uuid().nullable(),
  modelId: z.uuid().nullable(),
  createdAt: isoTime,
});
export type OverrideView = z.output<typeof overrideView>;

export class ListPairingsDto extends createZodDto(
  pageQuery.extend({ state: z.enum(pairingStates).optional() }),
) {}
export class PairingDto extends createZodDto(pairingView) {}
export class PairingListDto extends createZodDto(pageOf(pairingView)) {}
export class ListOverridesDto extends createZodDto(pageQuery) {}
export class CreateOverrideDto extends createZodDto(overrideFields) {}
export class OverrideDto extends createZodDto(overrideView) {}
export class OverrideListDto extends createZodDto(pageOf(overrideView)) {}
