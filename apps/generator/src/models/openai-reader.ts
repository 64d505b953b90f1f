import type OpenAI from 'openai';

import { ModelError } from './model.errors';
import type { ModelPart, StopReason, ToolRequest } from './model-provider.port';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/** What servers add to the format, or leave out of it. */
interface LooseDelta {
  readonly content?: string | null;
  readonly refusal?: string | null;
  /** DeepSeek, DashScope, vLLM. */
  readonly reasoning_content?: string | null;
  /** OpenRouter, newer vLLM, Ollama. */
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly {
    readonly index?: number;
    readonly id?: string | null;
    readonly function?: { readonly name?: string | null; readonly arguments?: string | null };
  }[];
}
interface LooseUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  /** DeepSeek. */
  readonly prompt_cache_hit_tokens?: number;
}

const NONE: readonly ModelPart[] = [];

/** Reads the chunks of one chat completion. Tolerant: no role, no index, no choices, usage anywhere. */
export class OpenAiReader {
  private readonly requests = new Map<number, { id: string; name: string; json: string }>();
  private usage: LooseUsage | null = null;
  private finish: string | null = null;
  /** Chunks said that they are not the last one, so a last one was to come. */
  private isLastToCome = false;

  /** @throws ModelError when the provider refuses to go on */
  read(chunk: Chunk): readonly ModelPart[] {
    // Many servers count on in every chunk: only the last number is meant.
    if (chunk.usage) this.usage = chunk.usage;
    const choice = (chunk.choices as Chunk['choices'] | undefined)?.[0];
    if (!choice) return NONE;
    if (choice.finish_reason) this.finish = choice.finish_reason;
    this.isLastToCome = choice.finish_reason === null && this.finish === null;
    if (this.finish === 'content_filter') throw new ModelError('model_refused');
    const delta = choice.delta as LooseDelta | undefined;
    if (!delta) return NONE;
    if (delta.tool_calls) this.collect(delta.tool_calls);
    const reasoning = delta.reasoning_content ?? delta.reasoning;
    const text = delta.content ?? delta.refusal;
    if (reasoning) return text ? [{ reasoning }, { text }] : [{ reasoning }];
    return text ? [{ text }] : NONE;
  }

  /** The server said that this was all, whatever its chunks said. */
  done(): void {
    this.isLastToCome = false;
  }

  /**
   * What is only known when the stream has ended.
   * @throws ModelError when it ended before the answer did
   */
  *end(): Iterable<ModelPart> {
    if (this.isLastToCome) throw new ModelError('model_unreachable', { isPassing: true });
    const requests = [...this.requests.values()].map(({ id, name, json }): ToolRequest => ({
      id,
      name,
      argumentsJson: json === '' ? '{}' : json,
    }));
    if (requests.length > 0) yield { requests };
    const { usage } = this;
    if (usage?.prompt_tokens !== undefined || usage?.completion_tokens !== undefined)
      yield {
        usage: {
          inputTokens: usage.prompt_tokens ?? 0,
          outputTokens: usage.completion_tokens ?? 0,
          cachedTokens:
            usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? 0,
        },
      };
    yield { stop: this.stopReason(requests.length > 0) };
  }

  private stopReason(wantsTools: boolean): StopReason {
    if (wantsTools) return 'tools';
    return this.finish === 'length' ? 'length' : 'end';
  }

  private collect(calls: NonNullable<LooseDelta['tool_calls']>): void {
    for (const call of calls) {
      const index = call.index ?? this.indexOf(call.id);
      const known = this.requests.get(index) ?? { id: `call_${index}`, name: '', json: '' };
      if (call.id) known.id = call.id;
      known.name += call.function?.name ?? '';
      known.json += call.function?.arguments ?? '';
      this.requests.set(index, known);
    }
  }

  /** Servers that send no index send calls whole, or one after the other. */
  private indexOf(id: string | null | undefined): number {
    const last = this.requests.size - 1;
    return id || last < 0 ? last + 1 : last;
  }
}
