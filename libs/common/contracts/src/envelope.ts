import { z } from 'zod';

/** Every job carries this, so one question can be followed through all services. Ids only, never content. */
export const envelope = z.object({
  version: z.literal(1),
  tenantId: z.uuid(),
  correlationId: z.string().min(1),
});
export type Envelope = z.infer<typeof envelope>;
