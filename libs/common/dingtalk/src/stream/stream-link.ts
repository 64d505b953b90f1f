import type { Socket } from 'node:net';

import { AppError, type Clock } from '@common/kernel';
import type { RawData, WebSocket } from 'ws';

import { type ConnectionFault, connectionFaults } from './connection-fault';
import { type RawFrame, readFrame } from './frame.wire';
import { SdkSocket, type SdkSocketOptions } from './sdk-socket';
import { type FrameReply, type StreamFrame, subscriptions } from './stream-frame';
import { handshake } from './stream-handshake';
import type { Pulsing, StreamPulse } from './stream-pulse';

/** A frame that made no sense. It is dropped; the connection lives on. */
export class StreamFrameError extends AppError {
  readonly code = 'stream_frame_unreadable';
  readonly retry = 'never';
}

/** Whose link it is: one object, for links keep nothing that their owner knows. */
export interface LinkOwner {
  readonly clock: Clock;
  readonly pulse: StreamPulse;
  /** Above this many frames in hand the socket is not read any further. */
  readonly maxInFlight: number;
  serve(frame: StreamFrame): Promise<FrameReply>;
  /** Something worth a log line happened that ends nothing. Never contains content. Must not throw. */
  fault(error: unknown): void;
  /** The server announced that it will close this connection. Once. */
  linkDrains(link: StreamLink): void;
  /** The socket is gone for good. Once, and also when the handshake failed. */
  linkEnded(link: StreamLink, end: LinkEnd): void;
}

export interface DialOptions extends SdkSocketOptions {
  /** With its ticket: a secret. */
  readonly url: string;
  readonly handshakeTimeoutMs: number;
}

/** How a connection ended. */
export interface LinkEnd {
  readonly fault: ConnectionFault;
  readonly livedMs: number;
  /** The close code of the WebSocket, 1006 when there was no closing handshake. */
  readonly closeCode: number;
}

const OPEN = 1;
/** How long the closing handshake may take. */
const CLOSE_GRACE_MS = 1_000;
const MISSED_PONGS = 2;

/** Socket and link know each other; the listeners are shared by all. */
const LINK = Symbol('link');
type LinkedSocket = WebSocket & { [LINK]: StreamLink };

/**
 * One connection, used once: dialled, served, shut. Nothing waits while it is idle: no promise, no timer and no closure
 * of its own. Reconnecting is the business of `ChannelStream`.
 */
export class StreamLink implements Pulsing {
  private socket: WebSocket | null = null;
  /** What the socket writes to, to gather its writes. */
  private wire: Socket | null = null;
  private openedAtMs: number | null = null;
  private missedPongs = 0;
  private inHand = 0;
  private isDeaf = false;
  private isDraining = false;
  /** Set by whoever brings the socket down, for the close code alone does not tell why. */
  private cause: ConnectionFault | null = null;
  private end: LinkEnd | null = null;
  /** Aborted when nothing is in hand, and when the socket is gone; null until somebody waits for it. */
  private calm: AbortController | null = null;
  private gone: AbortController | null = null;

  constructor(private readonly owner: LinkOwner) {}

  /** Milliseconds since the epoch; null before the handshake. */
  get connectedAtMs(): number | null {
    return this.openedAtMs;
  }

  /** Null while the socket is there. */
  get ended(): LinkEnd | null {
    return this.end;
  }

  get drains(): boolean {
    return this.isDraining;
  }

  /**
   * A handshake under way is ended by `shut`.
   * @throws StreamOpenError
   */
  async dial({ url, handshakeTimeoutMs, ...options }: DialOptions): Promise<void> {
    const socket = SdkSocket.open(url, options);
    this.socket = socket;
    (socket as LinkedSocket)[LINK] = this;
    listen(socket).once('open', onOpen).once('upgrade', onUpgrade);
    await handshake(socket, this.owner.clock, handshakeTimeoutMs);
    // The address holds the ticket, which is used up; and a list of listeners that was long once stays long.
    Object.assign(socket, { _url: '' });
    listen(socket.removeAllListeners());
    if (!this.end) this.owner.pulse.add(this);
  }

  /** Takes no further frames; they stay unacknowledged and come again on another connection. */
  deafen(): void {
    this.isDeaf = true;
  }

  /**
   * Waits until what is in hand is acknowledged, at most `graceMs`, then closes with 1000. Unless it is deaf, what still
   * arrives is handled, though its acknowledgement finds no socket. Never throws.
   */
  async shut(graceMs: number): Promise<void> {
    await this.whenIdle(graceMs);
    const { socket } = this;
    if (!socket) return;
    if (socket.readyState === OPEN) {
      socket.close(1000);
      await this.owner.clock.sleep(CLOSE_GRACE_MS, this.whenGone());
    }
    socket.terminate();
    await aborted(this.whenGone());
  }

  /** Closes after `ms` at the latest; whoever shuts it sooner wins. */
  async shutWithin(ms: number): Promise<void> {
    await this.owner.clock.sleep(ms, this.whenGone());
    await this.shut(0);
  }

  /**
   * Finds a half-open connection (C21): a ping each pause; when two stay unanswered, and half a pause has passed since,
   * nobody is there. Any frame counts as an answer. A socket we do not read ourselves proves nothing.
   */
  beat(): number {
    const { socket } = this;
    if (this.end || !socket) return 0;
    if (socket.isPaused) this.missedPongs = 0;
    if (this.missedPongs >= MISSED_PONGS) {
      this.cause = connectionFaults.noHeartbeat;
      socket.terminate();
      return 0;
    }
    this.missedPongs += 1;
    if (socket.readyState === OPEN) socket.ping();
    return this.missedPongs < MISSED_PONGS ? 1 : 0.5;
  }

  upgraded(wire: Socket): void {
    this.wire = wire;
  }

  opened(): void {
    this.openedAtMs = this.owner.clock.now();
  }

  ponged(): void {
    this.missedPongs = 0;
  }

  /** After 'error' comes 'close', sometimes only if the socket is destroyed. */
  failed(error: unknown): void {
    const isProtocol = /^WS_ERR_/.test(String((error as { code?: unknown }).code));
    this.cause ??= isProtocol ? connectionFaults.protocolError : connectionFaults.lost;
    if (this.openedAtMs !== null) this.socket?.terminate();
  }

  closed(closeCode: number): void {
    const livedMs = this.openedAtMs === null ? 0 : this.owner.clock.now() - this.openedAtMs;
    const byCode = closeCode === 1006 ? connectionFaults.lost : connectionFaults.closed;
    this.end = { fault: this.cause ?? byCode, livedMs, closeCode };
    this.wire = null;
    this.owner.pulse.remove(this);
    this.gone?.abort();
    this.calm?.abort();
    this.owner.linkEnded(this, this.end);
  }

  /** A malformed frame is dropped; nothing that arrives can throw (C24). */
  received(data: RawData, isBinary: boolean): void {
    if (isBinary) return this.drop('binary', Buffer.isBuffer(data) ? data.length : 0);
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
    this.missedPongs = 0;
    const frame = readFrame(text);
    if (!frame) return this.drop('not a frame', text.length);
    if (frame.type === 'SYSTEM') return this.serveSystem(frame);
    if (frame.type === 'EVENT' || frame.type === 'CALLBACK') return this.take(frame, frame.type);
    return this.drop('of unknown type', text.length);
  }

  private drop(what: string, length: number): void {
    this.owner.fault(new StreamFrameError(`a Stream frame is ${what}`, { details: { length } }));
  }

  private serveSystem(frame: RawFrame): void {
    if (frame.topic === 'ping') this.answer(frame.messageId, 200, frame.data || '{}');
    if (frame.topic !== 'disconnect' || this.isDraining) return;
    this.isDraining = true;
    this.owner.linkDrains(this);
  }

  private take(frame: RawFrame, type: StreamFrame['type']): void {
    if (this.isDeaf) return;
    if (type === 'CALLBACK' && !subscriptions.some(({ topic }) => topic === frame.topic))
      return this.answer(frame.messageId, 404, '{"response":null}');
    this.inHand += 1;
    if (this.inHand >= this.owner.maxInFlight) this.socket?.pause();
    const receivedAtMs = this.owner.clock.now();
    const connectionId = frame.headers['connectionId'];
    void this.serve({ ...frame, type, receivedAtMs, connectionId }).then(() => {
      this.inHand -= 1;
      if (this.inHand < this.owner.maxInFlight && this.socket?.isPaused) this.socket.resume();
      if (this.inHand === 0) this.calm?.abort();
    });
  }

  /** Acknowledges exactly once, on the socket the frame came from. Never rejects. */
  private async serve(frame: StreamFrame): Promise<void> {
    try {
      const reply = await this.owner.serve(frame);
      if (reply) this.answer(frame.messageId, reply.code, ackData(frame.type, reply));
    } catch (error) {
      this.owner.fault(error);
      this.answer(frame.messageId, 500, ackData(frame.type, { code: 500 }));
    }
  }

  private answer(messageId: string, code: number, data: string): void {
    const { socket } = this;
    if (messageId === '' || socket?.readyState !== OPEN) return;
    const headers = { contentType: 'application/json', messageId };
    const message = code === 200 ? 'OK' : 'error';
    this.gather();
    // A failed write is a dying socket: 'close' follows, and the platform delivers again.
    socket.send(JSON.stringify({ code, headers, message, data }), () => undefined);
  }

  /** Acknowledgements of one moment, as those of a batch in the journal, leave in one write. */
  private gather(): void {
    const { wire } = this;
    if (!wire || wire.writableCorked > 0) return;
    wire.cork();
    process.nextTick(uncork, wire);
  }

  private async whenIdle(graceMs: number): Promise<void> {
    if (this.inHand === 0 || graceMs === 0 || this.end) return;
    if (!this.calm || this.calm.signal.aborted) this.calm = new AbortController();
    await this.owner.clock.sleep(graceMs, this.calm.signal);
  }

  private whenGone(): AbortSignal {
    this.gone ??= new AbortController();
    if (this.end) this.gone.abort();
    return this.gone.signal;
  }
}

const listen = (socket: WebSocket): WebSocket =>
  socket.on('error', onError).on('close', onClose).on('pong', onPong).on('message', onMessage);

const uncork = (wire: Socket): void => wire.uncork();

function onUpgrade(this: WebSocket, { socket }: { readonly socket: Socket }): void {
  (this as LinkedSocket)[LINK].upgraded(socket);
}
function onOpen(this: WebSocket): void {
  (this as LinkedSocket)[LINK].opened();
}
function onError(this: WebSocket, error: Error): void {
  (this as LinkedSocket)[LINK].failed(error);
}
function onClose(this: WebSocket, code: number): void {
  (this as LinkedSocket)[LINK].closed(code);
}
function onPong(this: WebSocket): void {
  (this as LinkedSocket)[LINK].ponged();
}
function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as LinkedSocket)[LINK].received(data, isBinary);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** What the platform expects in the `data` of an ack (messaging reference §2.3). */
function ackData(type: StreamFrame['type'], { code, data }: NonNullable<FrameReply>): string {
  const usual =
    type === 'EVENT' ? { status: code === 200 ? 'SUCCESS' : 'LATER' } : { response: null };
  return JSON.stringify(data ?? usual);
}
