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
export const tenantView = tenantFields.extend({ id: z.uuid(), createdAt: isoTime }).strip();

export class CreateTenantDto extends createZodDto(tenantFields) {}
export class UpdateTenantDto extends createZodDto(
  z.strictObject({ name: tenantFields.shape.name.optional() }),
) {}
export class ListTenantsDto extends createZodDto(pageQuery) {}
export class TenantDto extends createZodDto(tenantView) {}
export class TenantListDto extends createZodDto(pageOf(tenantView)) {}
