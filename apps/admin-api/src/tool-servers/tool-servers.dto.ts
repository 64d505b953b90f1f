import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { headers } from '../http/headers';
import { mergePatchSchema } from '../http/merge-patch-schema';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { httpUrl, stamps } from '../http/wire';

const transports = ['http', 'sse', 'stdio'] as const;
const serverName = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'must be a short lower-case word');
const toolName = z.string().min(1).max(200);

export const fields = z.strictObject({
  name: serverName.describe('Stands before the names of its tools'),
  transport: z.enum(transports).describe('http: streamable HTTP'),
  url: httpUrl.optional(),
  headers: headers.optional(),
  command: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Of transport stdio: a name of the list of the operator (MCP_STDIO_SERVERS)'),
  allowedTools: z.array(toolName).max(500).optional().describe('Unset: all it offers'),
  askFirst: z.array(toolName).max(500).default([]).describe('A person has to agree; "*": to all'),
  readOnly: z
    .array(toolName)
    .max(500)
    .default([])
    .describe('May be repeated without harm, beyond those the server declares so'),
  timeoutSeconds: z.number().int().min(1).max(600).default(30),
});

/** What only makes sense together. */
export const toolServerFields = fields.superRefine((server, context) => {
  const needed = server.transport === 'stdio' ? 'command' : 'url';
  if (server[needed] === undefined)
    context.addIssue({
      code: 'custom',
      path: [needed],
      message: `is required for the transport ${server.transport}`,
    });
});
export type ToolServerFields = z.output<typeof toolServerFields>;

export const toolServerView = z.object({
  id: z.uuid(),
  name: z.string(),
  transport: z.enum(transports),
  url: z.string().nullable(),
  headersSet: z.boolean(),
  command: z.string().nullable(),
  allowedTools: z.array(z.string()).nullable(),
  askFirst: z.array(z.string()),
  readOnly: z.array(z.string()),
  timeoutSeconds: z.number().int(),
  ...stamps,
});

export class CreateToolServerDto extends createZodDto(nullIsUnset(toolServerFields)) {}
export class UpdateToolServerDto extends createZodDto(mergePatchSchema(fields)) {}
export class ListToolServersDto extends createZodDto(pageQuery) {}
export class ToolServerDto extends createZodDto(toolServerView) {}
export class ToolServerListDto extends createZodDto(pageOf(toolServerView)) {}
