import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { isoTime } from '../http/wire';

const legalHold = z
  .boolean()
  .describe('Nothing of it is erased, neither by anybody’s wish nor by its age');
const retentionDays = z
  .number()
  .int()
  .min(1)
  .max(36_500)
  .nullable()
  .describe('How long words are kept: questions, answers, files; null: for ever. Numbers stay');

export const channelPrivacy = z.object({ retentionDays, legalHold });
export type ChannelPrivacy = z.output<typeof channelPrivacy>;
export const channelPrivacyPatch = z.strictObject({
  retentionDays: retentionDays.optional(),
  legalHold: legalHold.optional(),
});
export type ChannelPrivacyPatch = z.output<typeof channelPrivacyPatch>;

export const memberPrivacy = z.object({
  legalHold,
  eraseRequestedAt: isoTime.nullable(),
  erasedAt: isoTime.nullable().describe('Null, too, while something of the person is under way'),
});
export type MemberPrivacy = z.output<typeof memberPrivacy>;
export const memberPrivacyPatch = z.strictObject({ legalHold: legalHold.optional() });
export type MemberPrivacyPatch = z.output<typeof memberPrivacyPatch>;

export const erasure = z.object({
  memberId: z.uuid(),
  state: z
    .enum(['erased', 'pending'])
    .describe(
      '`pending`: turns that are under way are stopped first; the rest is erased by itself',
    ),
  turns: z.number().int(),
  events: z.number().int(),
  files: z.number().int(),
});
export type ErasureView = z.output<typeof erasure>;

export class ChannelPrivacyDto extends createZodDto(channelPrivacy) {}
export class UpdateChannelPrivacyDto extends createZodDto(channelPrivacyPatch) {}
export class MemberPrivacyDto extends createZodDto(memberPrivacy) {}
export class UpdateMemberPrivacyDto extends createZodDto(memberPrivacyPatch) {}
export class ErasureDto extends createZodDto(erasure) {}
