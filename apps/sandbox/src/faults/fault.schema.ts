import { z } from 'zod';

const ms = z.number().int().min(0).max(3_600_000);

/** What happens instead of, or around, the normal answer. Several may be combined; see the README's catalogue. */
export const faultActSchema = z
  .strictObject({
    /** Answer this status; with `body` (object → JSON, string → as is) and `headers`. */
    status: z.number().int().min(200).max(599).optional(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    /** A named error in the words of the called API generation. */
    error: z.string().optional(),
    /** Wait before anything else happens. */
    delayMs: ms.optional(),
    /** Wait after processing, before the answer goes out. */
    delayAnswerMs: ms.optional(),
    /** Never answer. */
    hang: z.literal(true).optional(),
    /** Cut the TCP connection instead of processing. */
    reset: z.literal(true).optional(),
    /** Process the call, then cut the TCP connection instead of answering. */
    resetAfterProcessing: z.literal(true).optional(),
    /** Process the call, then answer as `status`, `body`, `error`, `html`, `empty` say. */
    process: z.literal(true).optional(),
    html: z.literal(true).optional(),
    empty: z.literal(true).optional(),
    /** Cut the JSON answer in the middle. */
    truncated: z.literal(true).optional(),
    /** Error keys in another case: RequestId, Code, Message (C8). */
    otherCase: z.literal(true).optional(),
    /** File links: so many bytes of filling instead of the file. */
    sizeBytes: z.number().int().min(0).max(1_000_000_000).optional(),
    /** Cards: 200, but `deliverResults[].success` is false and nobody sees the card (C81). */
    deliverFalse: z.literal(true).optional(),
    /** Cards: the instance exists, nobody sees it, the caller gets 504. */
    createdButNotDelivered: z.literal(true).optional(),
  })
  .refine((act) => Object.keys(act).length > 0, { message: 'says nothing' });

export const faultSchema = z.strictObject({
  id: z.string().min(1).max(100).optional(),
  /** `METHOD /path/template`, a name such as `streaming`, or `*`. */
  on: z.string().min(1),
  clientId: z.string().optional(),
  /** Fires so often, then removes itself. */
  times: z.number().int().positive().optional(),
  /** Fires on every n-th matching call only. */
  every: z.number().int().positive().optional(),
  /** Only calls whose body has these values at the top level. */
  only: z.record(z.string(), z.unknown()).optional(),
  act: faultActSchema,
});

export type FaultAct = z.infer<typeof faultActSchema>;
export type FaultInput = z.infer<typeof faultSchema>;
export type Fault = FaultInput & { id: string; matched: number; fired: number };
