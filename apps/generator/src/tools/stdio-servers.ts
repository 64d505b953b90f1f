import { z } from 'zod';

const stdioServer = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
});
export type StdioServer = z.output<typeof stdioServer>;

/** The operator's list of local tool servers, `{"name": {"command", "args"?, "env"?}}`; tenants choose by name only. */
export const stdioServers = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is no JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), stdioServer));
