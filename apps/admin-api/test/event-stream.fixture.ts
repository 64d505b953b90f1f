import { createParser } from 'eventsource-parser';

import { BOOTSTRAP_KEY, type RunningAdminApi } from './admin-api.fixture';

export interface Heard {
  readonly id: string | undefined;
  readonly event: string | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a spec reads any field of any event
  readonly data: any;
}

export interface ListenOptions {
  readonly query?: string;
  readonly lastId?: string | undefined;
  readonly tenant?: string;
  readonly key?: string;
}

/** Somebody who listens to the events of an admin API. */
export class EventStream {
  readonly heard: Heard[] = [];
  private readonly leaving = new AbortController();
  private waiting: (() => void)[] = [];
  isOver = false;
  cutBy: unknown;

  static async open(api: RunningAdminApi, options: ListenOptions = {}): Promise<EventStream> {
    const stream = new EventStream();
    const { query = '', lastId, tenant, key = BOOTSTRAP_KEY } = options;
    const response = await fetch(`${api.baseUrl}/api/v1/events${query}`, {
      signal: stream.leaving.signal,
      headers: {
        authorization: `Bearer ${key}`,
        ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
        ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
      },
    });
    if (response.status !== 200) throw new Error(`events: ${response.status}`);
    void stream.read(response.body as ReadableStream<Uint8Array>);
    return stream;
  }

  /** Resolves with what is heard first that is so, from the beginning. */
  async until(isIt: (one: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = this.heard.find(isIt);
      if (found) return found;
      if (this.isOver) throw new Error(`never heard it: ${JSON.stringify(this.heard)}`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Resolves when the server has ended the stream. */
  async ended(): Promise<Heard[]> {
    while (!this.isOver) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.heard;
  }

  leave(): void {
    this.leaving.abort();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const parser = createParser({
      onEvent: ({ id, event, data }) => this.heard.push({ id, event, data: JSON.parse(data) }),
    });
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        this.wake();
      }
    } catch (error) {
      // By us or by the server: over either way.
      this.cutBy = error;
    }
    this.isOver = true;
    this.wake();
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
