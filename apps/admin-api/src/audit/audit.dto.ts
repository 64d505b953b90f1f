import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { pageOf, pageQuery } from '../http/page';
import { isoTime, json } from '../http/wire';

const seq = z.number().int().describe('Its number in the tenant’s chain, without gaps');
const word = z.string().regex(/^[\w.-]{1,100}$/);

export const auditView = z.object({
  seq,
  at: isoTime,
  action: z
    .string()
    .describe('e.g. `channel.update`; reads of content end in `.read` or `.export`'),
  resource: z.string(),
  resourceId: z.string().nullable(),
  actor: z
    .record(z.string(), json)
    .describe('Who: a key (`keyId`, `keyName`, `role`), an administrator, or a service'),
  before: json.describe('What the resource was, without secrets; null: nothing, or erased'),
  after: json.describe('What it became'),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  correlationId: z.string().nullable(),
  erased: z.boolean().describe('What it said of a person was erased; the chain still holds'),
  hash: z.string().describe('SHA-256 of the row before it and of this one'),
});
export type AuditView = z.output<typeof auditView>;

const filter = z.object({
  action: word.optional().describe('Such as `channel.update`; `channel.` means all of its kind'),
  resourceId: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
  actor: word.optional().describe('Id of a key or of an administrator'),
  since: isoTime.optional().describe('At this time or later'),
  until: isoTime.optional().describe('Before this time'),
});
export type AuditFilter = z.output<typeof filter>;

export const auditPosition = z.tuple([z.string().regex(/^\d{1,18}$/)]);

export const auditVerdict = z.object({
  whole: z.boolean(),
  rows: z.number().int().describe('That were looked at'),
  firstBroken: z
    .object({
      seq,
      id: z.string().nullable().describe('Of its row in `audit_log`; null: the row is gone'),
      breach: z.enum([
        ...[
          'changed',
          'content_changed',
          'content_missing',
          'missing',
          'cut_off',
          'wrong_beginning',
        ],
      ] as [string, ...string[]]),
    })
    .nullable(),
  firstSeq: seq.describe('Where the chain begins: older rows were let go'),
  lastSeq: seq,
  lastHash: z
    .string()
    .describe('Keep it elsewhere, and a log that is rewritten as a whole is found out, too'),
});
export type AuditVerdictView = z.output<typeof auditVerdict>;

export class ListAuditDto extends createZodDto(pageQuery.extend(filter.shape)) {}
export class ExportAuditDto extends createZodDto(
  filter.extend({ format: z.enum(['ndjson', 'csv']).default('ndjson') }).strict(),
) {}
export class AuditDto extends createZodDto(auditView) {}
export class AuditListDto extends createZodDto(pageOf(auditView)) {}
export class AuditVerdictDto extends createZodDto(auditVerdict) {}
