import { Injectable } from '@nestjs/common';
import type { EventSourceMessage } from 'eventsource-parser';
import OpenAI from 'openai';

import { SecretBox } from '@common/kernel';

import type { ModelAccess } from './model-access';
import { ModelError } from './model.errors';
import { ModelLines } from './model-lines.service';
import { ModelProvider, type ModelPart, type ModelRequest } from './model-provider.port';
import { headersOf, keyOf } from './model-secrets';
import { openAiMessages, openAiTools } from './openai-messages';
import { isAzure, OpenAiClients } from './openai-clients';
import { OpenAiReader } from './openai-reader';
import { readProviderError } from './provider-errors';
import { sseReads } from './sse-events';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/** Everything that speaks OpenAI's chat completions: OpenAI, Azure, DeepSeek, DashScope, vLLM, Ollama, one-api, Gemini … */
@Injectable()
export class OpenAiProvider extends ModelProvider {
  private readonly clients: OpenAiClients;

  constructor(
    lines: ModelLines,
    private readonly secrets: SecretBox,
  ) {
    super();
    this.clients = new OpenAiClients(lines);
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelPart> {
    const reader = new OpenAiReader();
    try {
      const { body, headers } = await this.open(request, signal);
      if (!body) throw new ModelError('model_unreachable', { isPassing: true });
      for await (const events of sseReads(body as AsyncIterable<Uint8Array>)) {
        const parts = partsOf(events, reader, headers);
        // Not `yield*`: it would wait for every part.
        for (const part of parts) yield part;
      }
      signal.throwIfAborted();
      yield* reader.end();
    } catch (error) {
      signal.throwIfAborted();
      throw readProviderError(error);
    }
  }

  /**
   * The SDK asks, signs and judges the answer; its events are read here, a read of the connection at a time. The SDK's own
   * reader costs a dozen promises per chunk.
   */
  private open(request: ModelRequest, signal: AbortSignal): Promise<Response> {
    const { model, tools } = request;
    // An administrator may drop what an old server refuses: `"stream_options": null`.
    const { stream_options, ...params } = model.params;
    if (!model.upstreamModel) throw new ModelError('model_misconfigured');
    const asked = this.clients.to(model).chat.completions.create(
      {
        ...params,
        model: model.upstreamModel,
        messages: openAiMessages(request),
        ...(tools.length > 0 && { tools: openAiTools(tools) }),
        stream: true,
        ...(stream_options !== null && { stream_options: { include_usage: true } }),
      },
      { signal, headers: this.headersOf(model) },
    );
    return asked.asResponse();
  }

  /** Keys are opened for one call. */
  private headersOf(model: ModelAccess): Record<string, string | null> {
    const key = keyOf(model, this.secrets);
    const isForAzure = model.baseUrl !== null && isAzure(model.baseUrl);
    return {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(isForAzure && { 'api-key': key, authorization: null }),
      ...headersOf(model, this.secrets),
    };
  }
}

/** What one read says; words that came together are passed on together. @throws what the SDK throws */
function partsOf(
  events: readonly EventSourceMessage[],
  reader: OpenAiReader,
  headers: Headers,
): readonly ModelPart[] {
  const parts: ModelPart[] = [];
  let text = '';
  for (const { data } of events) {
    // Some servers keep the line alive with events without data.
    if (data.trim() === '') continue;
    if (data.startsWith('[DONE]')) {
      reader.done();
      continue;
    }
    for (const part of reader.read(chunkOf(data, headers))) {
      if ('text' in part) text += part.text;
      else {
        if (text !== '') parts.push({ text });
        text = '';
        parts.push(part);
      }
    }
  }
  if (text !== '') parts.push({ text });
  return parts;
}

/** @throws SyntaxError, or APIError when the chunk is an error */
function chunkOf(data: string, headers: Headers): Chunk {
  const chunk = JSON.parse(data) as Chunk & { readonly error?: object };
  if (chunk?.error) throw new OpenAI.APIError(undefined, chunk.error, undefined, headers);
  return chunk;
}
