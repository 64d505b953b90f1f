import { z } from 'zod';

import { ModelError } from '../models/model.errors';
import type { TokenUsage } from '../models/model-provider.port';

const count = z.number().int().nonnegative().default(0);
const event = z.looseObject({
  /** The next words. */
  text: z.string().optional(),
  /** One line about what is being done. */
  note: z.string().max(300).optional(),
  /** Files of the answer: bytes as base64, or an address that the outbound rule allows. */
  files: z
    .array(
      z.looseObject({
        name: z.string().max(300).default(''),
        mimeType: z.string().max(200).default(''),
        base64: z.string().optional(),
        url: z
          .url({ protocol: /^https?$/ })
          .max(2_000)
          .optional(),
      }),
    )
    .max(20)
    .optional(),
  usage: z.object({ inputTokens: count, outputTokens: count, cachedTokens: count }).optional(),
  error: z.looseObject({ code: z.string().optional(), retry: z.boolean().optional() }).optional(),
});

export interface HttpFile {
  readonly name: string;
  readonly mimeType: string;
  readonly base64?: string | undefined;
  readonly url?: string | undefined;
}

export interface HttpEvent {
  readonly text?: string | undefined;
  readonly note?: string | undefined;
  readonly files?: readonly HttpFile[] | undefined;
  readonly usage?: TokenUsage | undefined;
}

/** @throws ModelError when it is none of ours, or says that it failed */
export function readHttpEvent(data: string): HttpEvent {
  const parsed = event.safeParse(jsonOf(data));
  if (!parsed.success) throw new ModelError('model_failed');
  const { error } = parsed.data;
  if (error) throw new ModelError('model_failed', { isPassing: error.retry === true });
  return parsed.data;
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // Judged by the schema.
    return undefined;
  }
}
