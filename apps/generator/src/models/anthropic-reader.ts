import type Anthropic from '@anthropic-ai/sdk';

import { ModelError } from './model.errors';
import type { ModelPart, StopReason, ToolRequest } from './model-provider.port';

interface Thinking {
  type: 'thinking';
  thinking: string;
  signature: string;
}

/** Reads the events of one message. */
export class AnthropicReader {
  private readonly uses = new Map<number, { id: string; name: string; json: string }>();
  private readonly thoughts = new Map<number, Thinking | Anthropic.RedactedThinkingBlock>();
  private input = 0;
  private cached = 0;
  private output = 0;
  private stop: string | null = null;

  /** @throws ModelError when the model refuses */
  *read(event: Anthropic.RawMessageStreamEvent): Iterable<ModelPart> {
    if (event.type === 'message_start') this.count(event.message.usage);
    if (event.type === 'content_block_start') this.begin(event.index, event.content_block);
    if (event.type === 'content_block_delta') yield* this.delta(event.index, event.delta);
    if (event.type !== 'message_delta') return;
    this.stop = event.delta.stop_reason;
    this.output = event.usage.output_tokens;
    if (this.stop === 'refusal') throw new ModelError('model_refused');
  }

  /** @throws ModelError when the stream ended before the message did */
  *end(): Iterable<ModelPart> {
    if (this.stop === null) throw new ModelError('model_unreachable', { isPassing: true });
    const requests = [...this.uses.values()].map(({ id, name, json }): ToolRequest => ({
      id,
      name,
      argumentsJson: json === '' ? '{}' : json,
    }));
    if (requests.length > 0) yield { requests, opaque: [...this.thoughts.values()] };
    yield {
      usage: { inputTokens: this.input, outputTokens: this.output, cachedTokens: this.cached },
    };
    yield { stop: this.stopReason(requests.length > 0) };
  }

  private stopReason(wantsTools: boolean): StopReason {
    if (wantsTools) return 'tools';
    return this.stop === 'max_tokens' ? 'length' : 'end';
  }

  private count(usage: Anthropic.Usage): void {
    this.cached = usage.cache_read_input_tokens ?? 0;
    this.input = usage.input_tokens + this.cached + (usage.cache_creation_input_tokens ?? 0);
    this.output = usage.output_tokens;
  }

  private begin(index: number, block: Anthropic.ContentBlock): void {
    if (block.type === 'tool_use')
      this.uses.set(index, { id: block.id, name: block.name, json: '' });
    if (block.type === 'thinking')
      this.thoughts.set(index, { type: 'thinking', thinking: '', signature: '' });
    if (block.type === 'redacted_thinking') this.thoughts.set(index, block);
  }

  private *delta(index: number, delta: Anthropic.RawContentBlockDelta): Iterable<ModelPart> {
    if (delta.type === 'text_delta') yield { text: delta.text };
    const use = this.uses.get(index);
    if (delta.type === 'input_json_delta' && use) use.json += delta.partial_json;
    const thought = this.thoughts.get(index);
    if (thought?.type !== 'thinking') return;
    if (delta.type === 'signature_delta') thought.signature += delta.signature;
    if (delta.type !== 'thinking_delta') return;
    thought.thinking += delta.thinking;
    yield { reasoning: delta.thinking };
  }
}
