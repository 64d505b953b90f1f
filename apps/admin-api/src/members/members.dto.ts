import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { locales } from '@common/domain';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { pageOf, pageQuery } from '../http/page';
import { isoTime, json } from '../http/wire';

const ids = z.array(z.string().trim().min(1).max(200)).max(200);

/** What is known of a person; access rules read `departments` and `roles`. */
const attributes = z
  .object({
    departments: ids.optional().describe('Ids of the departments the person is in'),
    hidden: z.boolean().optional().describe('Not found by colleagues who ask an agent'),
    visibleTo: ids.optional().describe('Found only by people of these departments'),
    roles: ids.optional().describe('Whatever else the organisation calls the person'),
  })
  .catchall(json);

export const memberFields = z.strictObject({
  name: z.string().trim().max(200).default(''),
  role: z
    .enum(['member', 'admin'])
    .default('member')
    .describe('`admin`: may stop other people’s turns'),
  locale: z.enum(locales).optional().describe('Unset: the channel’s'),
  attributes: attributes.default({}),
});
export type MemberFields = z.output<typeof memberFields>;

export const memberView = z.object({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(['member', 'admin']),
  locale: z.enum(locales).nullable(),
  attributes,
  identities: z.array(z.object({ kind: z.string(), realm: z.string(), value: z.string() })),
  createdAt: isoTime,
  updatedAt: isoTime,
});
export type MemberView = z.output<typeof memberView>;

const text = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => !value.includes('\0') && value.isWellFormed(), {
    message: 'is not well formed',
  });

export class ListMembersDto extends createZodDto(
  pageQuery.extend({
    name: text.optional().describe('A part of the name'),
    identity: text.optional().describe('A staff id or union id'),
    role: z.enum(['member', 'admin']).optional(),
  }),
) {}
export class UpdateMemberDto extends createZodDto(mergePatchSchema(memberFields)) {}
export class MemberDto extends createZodDto(memberView) {}
export class MemberListDto extends createZodDto(pageOf(memberView)) {}
