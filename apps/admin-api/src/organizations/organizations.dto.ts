import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { name, stamps } from '../http/wire';
import { allowanceReportSchema } from './allowance-report';

const perMonth = z.number().int().min(0).max(2_000_000_000);

export const organizationFields = z.strictObject({
  corpId: z.string().trim().min(1).max(200),
  name,
  edition: z.enum(['standard', 'pro', 'package']).default('standard'),
  apiCallsPerMonth: perMonth.optional().describe('Unset: what the edition allows'),
  messagesPerMonth: perMonth.optional().describe('Unset: what the edition allows'),
});
export type OrganizationFields = z.output<typeof organizationFields>;

export const organizationView = z.object({
  id: z.uuid(),
  corpId: z.string(),
  name,
  edition: organizationFields.shape.edition.unwrap(),
  apiCallsPerMonth: perMonth.nullable(),
  messagesPerMonth: perMonth.nullable(),
  learned: z
    .boolean()
    .describe(
      'Found in a message, set up by nobody: its edition is assumed, so it is counted but our count refuses it nothing',
    ),
  allowance: allowanceReportSchema,
  ...stamps,
});

export class CreateOrganizationDto extends createZodDto(nullIsUnset(organizationFields)) {}
export class UpdateOrganizationDto extends createZodDto(mergePatchSchema(organizationFields)) {}
export class ListOrganizationsDto extends createZodDto(pageQuery) {}
export class OrganizationDto extends createZodDto(organizationView) {}
export class OrganizationListDto extends createZodDto(pageOf(organizationView)) {}
