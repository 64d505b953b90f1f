import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}
type Act = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

/** An OpenAI-compatible server on loopback that does what it is told, one act per request; the last one repeats. */
export class ModelServer {
  readonly requests: SeenRequest[] = [];
  acts: Act[] = [];
  url = '';
  private readonly server: Server = createServer((request, response) => {
    void this.take(request, response);
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen = {
      path: request.url ?? '',
      authorization: request.headers.authorization,
      headers: request.headers,
      body: read(request.headers['content-type'], Buffer.concat(chunks).toString()),
    };
    this.requests.push(seen);
    const act = this.acts.length > 1 ? this.acts.shift() : this.acts[0];
    await act?.(response, seen);
  }
}

/** What is no JSON (an upload) is kept as it came. */
const read = (type: string | undefined, text: string): Record<string, unknown> =>
  type?.startsWith('multipart/') ? { form: text } : (JSON.parse(text) as Record<string, unknown>);

export const chunkOf = (delta: object, rest: object = {}): string =>
  JSON.stringify({ choices: [{ index: 0, delta }], ...rest });

/** An SSE body as most servers write it. */
export const sse = (...events: string[]): string =>
  [...events, '[DONE]'].map((event) => `data: ${event}\n\n`).join('');

/** Writes these bytes, each part in a packet of its own, and ends unless told otherwise. */
export const streams =
  (parts: readonly (string | Buffer)[], then: 'end' | 'hang' | 'break' = 'end'): Act =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of parts) {
      response.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (then === 'end') response.end();
    if (then === 'break') response.socket?.resetAndDestroy();
  };

export const refuses =
  (status: number, message: string, headers = {}, body: object = { error: { message } }): Act =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const hangs: Act = () => undefined;
export const resets: Act = (response) => void response.socket?.resetAndDestroy();
