import { createParser, type EventSourceMessage } from 'eventsource-parser';

import { ApiProblemError, UnreachableError } from './client.errors';
import type { ClientOptions } from './create-client';

/** What happened; `resync` says that something was missed: read the resources anew. */
export interface LiveEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: unknown;
}

export interface ListenOptions extends ClientOptions {
  readonly types?: readonly ('channel' | 'turn' | 'queue')[];
  readonly channelIds?: readonly string[];
  readonly signal?: AbortSignal;
  /** Pause before coming back to an API that is away, ms. */
  readonly retryMs?: number;
}

/**
 * What happens, until the signal says enough. A stream that ends or breaks is opened again where it was left, however long the API
 * is away.
 * @throws ApiProblemError when the API refuses the request
 */
export async function* listen(options: ListenOptions): AsyncGenerator<LiveEvent> {
  const { signal, retryMs = 2_000 } = options;
  let lastId: string | undefined;
  while (!signal?.aborted) {
    try {
      for await (const { id, event = 'message', data } of streamOf(options, lastId)) {
        lastId = id ?? lastId;
        yield { id, type: event, data: JSON.parse(data) as unknown };
      }
    } catch (error) {
      if (error instanceof ApiProblemError && error.status < 500) throw error;
      if (signal?.aborted) return;
      await pause(retryMs, signal);
    }
  }
}

async function* streamOf(
  options: ListenOptions,
  lastId: string | undefined,
): AsyncGenerator<EventSourceMessage> {
  const response = await opened(options, lastId);
  if (!response.ok) throw await ApiProblemError.of(response);
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void arrived.push(event) });
  const decoder = new TextDecoder();
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    // Whoever stops listening closes the stream; one that broke has nothing to close.
    await reader.cancel().catch((error: unknown) => error);
  }
}

async function opened(options: ListenOptions, lastId: string | undefined): Promise<Response> {
  const { url, key, tenant, types, channelIds, signal, fetch: given = fetch } = options;
  const address = new URL('/api/v1/events', url);
  if (types) address.searchParams.set('types', types.join(','));
  if (channelIds) address.searchParams.set('channelIds', channelIds.join(','));
  const headers = {
    accept: 'text/event-stream',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  };
  try {
    return await given(address, { headers, ...(signal ? { signal } : {}) });
  } catch (error) {
    throw new UnreachableError(url, error);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
