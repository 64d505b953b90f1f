import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { type WebSocket, WebSocketServer } from 'ws';

export interface Ack {
  readonly socket: WebSocket;
  readonly code: number;
  readonly headers: { readonly messageId: string };
  readonly data: string;
}

type OpenAnswer = (response: ServerResponse, request: IncomingMessage) => void;

/** The platform's side of Stream mode, small enough to misbehave on demand. */
export class FakeGateway {
  /** Bodies of the calls of `connections/open`. */
  readonly opens: Record<string, unknown>[] = [];
  readonly acceptHeaders: (string | undefined)[] = [];
  readonly tickets: string[] = [];
  readonly sockets: WebSocket[] = [];
  readonly closeCodes: number[] = [];
  readonly acks: Ack[] = [];
  /** Replaces the good answer to `open`. */
  answerOpen: OpenAnswer | null = null;
  /** Replaces the handshake. */
  answerUpgrade: ((socket: Duplex) => void) | null = null;
  onConnection: ((socket: WebSocket) => void) | null = null;
  autoPong = true;
  url = '';

  private readonly http: Server = createServer((request, response) => this.open(request, response));
  private webSockets: WebSocketServer | null = null;
  /** Connections that left HTTP: the server forgets them, and would wait for them for ever. */
  private readonly upgrading = new Set<Duplex>();

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
    const server = new WebSocketServer({ noServer: true, autoPong: false });
    this.webSockets = server;
    this.http.on('upgrade', (request, socket, head) => {
      const ticket = new URL(request.url ?? '/', this.url).searchParams.get('ticket') ?? '';
      this.tickets.push(ticket);
      this.upgrading.add(socket);
      socket.on('close', () => this.upgrading.delete(socket)).on('error', () => undefined);
      if (this.answerUpgrade) return this.answerUpgrade(socket);
      server.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket));
    });
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.upgrading) socket.destroy();
    this.webSockets?.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  /** The newest connection. */
  get socket(): WebSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody is connected');
    return socket;
  }

  push(messageId: string, fields: object = {}, socket = this.socket): void {
    socket.send(JSON.stringify({ ...aFrame(messageId), ...fields }));
  }

  private open(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.opens.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      this.acceptHeaders.push(request.headers.accept);
      if (this.answerOpen) return this.answerOpen(response, request);
      const endpoint = `${this.url.replace('http', 'ws')}/connect`;
      answerWith(200, JSON.stringify({ endpoint, ticket: `t+/=&${this.opens.length}` }))(response);
    });
  }

  private accept(socket: WebSocket): void {
    this.sockets.push(socket);
    socket.on('ping', (data) => this.autoPong && socket.pong(data));
    socket.on('close', (code) => this.closeCodes.push(code));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) =>
      this.acks.push({ socket, ...(JSON.parse(data.toString()) as Omit<Ack, 'socket'>) }),
    );
    this.onConnection?.(socket);
  }
}

export const aFrame = (messageId: string): object => ({
  specVersion: '1.0',
  type: 'CALLBACK',
  headers: { topic: '/v1.0/im/bot/messages/get', messageId, connectionId: 'c1', time: '1' },
  data: '{"msgId":"m"}',
});

export const answerWith =
  (status: number, body: string, type = 'application/json') =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': type }).end(body);
  };

/** Polls an outcome: the way to wait for a real socket. */
export async function until(isTrue: () => boolean, what = isTrue.toString(), timeoutMs = 20_000) {
  const deadline = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
