import type { ModelAccess } from './model-access';

export type ContentPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'image';
      readonly mediaType: string;
      /** Empty in a conversation that was put aside: the bytes are in the store. */
      readonly base64: string;
      /** Ours; never sent. */
      readonly id?: string;
      /** How the words name it, e.g. `picture 1`. */
      readonly label?: string;
    };

/** What a model is offered to use. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/** A model that wants a tool. The arguments are whatever it wrote: they may be no JSON. */
export interface ToolRequest {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

export type ModelMessage =
  | { readonly role: 'user'; readonly content: readonly ContentPart[] }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly requests?: readonly ToolRequest[];
      /** What the provider wants back unchanged (signed reasoning). */
      readonly opaque?: unknown;
    }
  | { readonly role: 'tool'; readonly requestId: string; readonly text: string };

export interface ModelRequest {
  readonly model: ModelAccess;
  readonly instructions: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolSpec[];
}

export interface TokenUsage {
  /** All of them, those read from a cache included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
}

/** Why a model stopped: it had said all, it wants tools, or there was no more room. */
export type StopReason = 'end' | 'tools' | 'length';

/** One piece of what a model says. `requests` come whole, before the stop. */
export type ModelPart =
  | { readonly text: string }
  | { readonly reasoning: string }
  | { readonly requests: readonly ToolRequest[]; readonly opaque?: unknown }
  | { readonly usage: TokenUsage }
  | { readonly stop: StopReason };

/** One way of talking to models: the wire format of a family of providers, through its official SDK. */
export abstract class ModelProvider {
  /**
   * Asks once and streams. Nothing is retried here.
   * @throws ModelError  always this one, with its verdict; or the signal's reason
   */
  abstract stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelPart>;
}
