import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { OpenRequest } from '../world/tickets';
import type { PushFrame } from './frames';

/** `draining`: told to go, gets no pushes. `frozen`: half-open. `ghost`: dead, but the platform does not know yet. */
export type ConnectionState = 'open' | 'draining' | 'frozen' | 'ghost' | 'closed';

/** One live Stream connection of an app. */
export class Connection {
  readonly id = randomUUID();
  readonly since = Date.now();
  state: ConnectionState = 'open';
  lastHeardAt = Date.now();
  pushes = 0;
  acks = 0;
  /** The close code, once closed. */
  closeCode: number | null = null;
  /** Outstanding SYSTEM ping: what must come back (C20). */
  ping: { messageId: string; data: string; at: number; isLate?: boolean } | null = null;

  constructor(
    private readonly socket: WebSocket,
    private readonly tcp: Socket,
    readonly request: OpenRequest,
  ) {}

  get clientId(): string {
    return this.request.clientId;
  }

  /** Whether the platform would choose this connection for a push. */
  takes(type: string, topic: string): boolean {
    if (this.state === 'draining' || this.state === 'closed') return false;
    return this.request.subscriptions.some((one) => one.type === type && one.topic === topic);
  }

  send(frame: PushFrame): void {
    this.sendRaw(JSON.stringify(frame));
  }

  /** Any bytes; a Buffer goes out as a binary frame. */
  sendRaw(data: string | Buffer): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(data, { binary: typeof data !== 'string' }, () => undefined);
  }

  close(code: number): void {
    if (code === 1006) this.socket.terminate();
    else this.socket.close(code);
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** A TCP reset, as a dying network box sends it. */
  reset(): void {
    this.tcp.resetAndDestroy();
  }

  /** Half-open: reads nothing, answers nothing, stays in the pool (C21). */
  freeze(): void {
    this.state = 'frozen';
    this.socket.pause();
  }

  describe() {
    const { id, clientId, since, state, lastHeardAt, pushes, acks } = this;
    const { subscriptions, ua, localIp } = this.request;
    return { id, clientId, since, state, lastHeardAt, pushes, acks, subscriptions, ua, localIp };
  }
}
