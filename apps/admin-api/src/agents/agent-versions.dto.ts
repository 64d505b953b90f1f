import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { pageOf, pageQuery } from '../http/page';
import { isoTime, json } from '../http/wire';
import { agentView, fields } from './agents.dto';

const MAX_VERSION = 2_147_483_647;

export const agentVersionView = agentView
  .omit({
    name: true,
    version: true,
    currentVersionId: true,
    createdAt: true,
    updatedAt: true,
    revision: true,
  })
  .extend({
    id: z.uuid().describe('What `agentVersionId` of a turn points at'),
    version: z.number().int(),
    current: z.boolean().describe('Whether it answers now (canaries apart)'),
    createdAt: isoTime,
    createdBy: z.string().nullable().describe('Name of the key; null: made before this was noted'),
  });
export type AgentVersionView = z.output<typeof agentVersionView>;

export const versionDiff = z.object({
  from: z.number().int(),
  to: z.number().int(),
  changes: z.array(
    z.object({
      path: z.string(),
      before: json,
      after: json.describe('Of a secret only whether one is set'),
    }),
  ),
});
export type VersionDiff = z.output<typeof versionDiff>;

/** The number of a version in a path. */
export const versionNumber = z.coerce.number().int().min(1).max(MAX_VERSION);
/** Where a page of versions begins: below this one. */
export const versionPosition = z.tuple([z.string().regex(/^\d{1,9}$/)]);

export class ListVersionsDto extends createZodDto(pageQuery) {}
export class DiffVersionsDto extends createZodDto(
  z.strictObject({ with: versionNumber.optional().describe('Unset: the version before') }),
) {}
export class PrepareVersionDto extends createZodDto(
  mergePatchSchema(fields.omit({ name: true })),
) {}
export class AgentVersionDto extends createZodDto(agentVersionView) {}
export class AgentVersionListDto extends createZodDto(pageOf(agentVersionView)) {}
export class VersionDiffDto extends createZodDto(versionDiff) {}
