import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { isoTime, name } from '../http/wire';
import { pageOf, pageQuery } from '../http/page';

export const tenantFields = z.strictObject({
  name,
  slug: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens')
    .refine((slug) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(slug), {
      message: 'must not look like an id',
    }),
});
const auditRetentionDays = z
  .number()
  .int()
  .min(1)
  .max(36_500)
  .nullable()
  .describe('How long the audit log keeps its rows; null: for ever');

export const tenantView = tenantFields
  .extend({ id: z.uuid(), auditRetentionDays, createdAt: isoTime })
  .strip();
export const tenantPatch = z.strictObject({
  name: tenantFields.shape.name.optional(),
  auditRetentionDays: auditRetentionDays.optional(),
});
export type TenantPatch = z.output<typeof tenantPatch>;

export class CreateTenantDto extends createZodDto(tenantFields) {}
export class UpdateTenantDto extends createZodDto(tenantPatch) {}
export class ListTenantsDto extends createZodDto(pageQuery) {}
export class TenantDto extends createZodDto(tenantView) {}
export class TenantListDto extends createZodDto(pageOf(tenantView)) {}
