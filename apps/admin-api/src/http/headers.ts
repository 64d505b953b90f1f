import { z } from 'zod';

/** A header that belongs to the connection, not to whoever sets a model up. */
const FORBIDDEN_HEADER =
  /^(host|content-length|content-type|connection|transfer-encoding|expect)$/i;
/** Further request headers of an outside service; they may carry keys. */
export const headers = z
  .record(
    z
      .string()
      .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'is no header name')
      .refine((name) => !FORBIDDEN_HEADER.test(name), { message: 'cannot be set' }),
    z.string().regex(/^[\t\x20-\x7e]{1,4000}$/, 'is no header value'),
  )
  .describe('Sent along with every call; replaced as a whole. Write-only');
