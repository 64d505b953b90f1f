import { z } from 'zod';

import { ModelError } from '../models/model.errors';
import type { TokenUsage } from '../models/model-provider.port';

const event = z.looseObject({
  event: z.string(),
  task_id: z.string().nullish(),
  conversation_id: z.string().nullish(),
  answer: z.string().nullish(),
  tool: z.string().nullish(),
  status: z.number().nullish(),
  code: z.string().nullish(),
  metadata: z
    .looseObject({
      usage: z
        .looseObject({
          prompt_tokens: z.number().nullish(),
          completion_tokens: z.number().nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

export interface DifyEvent {
  readonly text: string | null;
  readonly note: string | null;
  readonly conversation: string | null;
  readonly task: string | null;
  readonly usage: TokenUsage | null;
  readonly isEnd: boolean;
}

/** Words of an answer: chat apps say `message`, agent apps `agent_message`. */
const WORDS = new Set(['message', 'agent_message']);

/** One event of Dify's stream; unknown kinds are passed over. @throws ModelError when Dify says that it failed */
export function readDifyEvent(data: string): DifyEvent {
  const parsed = event.safeParse(jsonOf(data));
  if (!parsed.success) throw new ModelError('model_failed');
  const { event: kind, metadata, ...rest } = parsed.data;
  if (kind === 'error') throw errorOf(rest);
  const usage = metadata?.usage;
  return {
    text: WORDS.has(kind) ? (rest.answer ?? null) : null,
    note: kind === 'agent_thought' && rest.tool ? `🔧 ${rest.tool}` : null,
    conversation: rest.conversation_id || null,
    task: rest.task_id ?? null,
    usage: usage
      ? {
          inputTokens: usage.prompt_tokens ?? 0,
          outputTokens: usage.completion_tokens ?? 0,
          cachedTokens: 0,
        }
      : null,
    isEnd: kind === 'message_end',
  };
}

function errorOf({
  status,
  code,
}: {
  status?: number | null | undefined;
  code?: string | null | undefined;
}): ModelError {
  const known = { status: status ?? undefined };
  if (code === 'provider_quota_exceeded') return new ModelError('model_quota', known);
  if (code === 'provider_not_initialize' || code === 'app_unavailable')
    return new ModelError('model_misconfigured', known);
  return new ModelError('model_unreachable', { ...known, isPassing: true });
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // Judged by the schema.
    return undefined;
  }
}
