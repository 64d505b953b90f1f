import type { Agent } from 'node:http';

import { AppError, type Clock } from '@common/kernel';
import { DWClient } from 'dingtalk-stream';
import type { RawData, WebSocket } from 'ws';

import { networkFault } from '../http/network-fault';
import { type ConnectionFault, connectionFaults, StreamOpenError } from './connection-fault';
import { type RawFrame, readFrame } from './frame.wire';
import type { StreamEndpoint } from './stream-endpoint.client';
import { type FrameReply, type StreamFrame, subscriptions } from './stream-frame';

/** A frame that made no sense. It is dropped; the connection lives on. */
export class StreamFrameError extends AppError {
  readonly code = 'stream_frame_unreadable';
  readonly retry = 'never';
}

export interface StreamLinkOptions {
  readonly endpoint: StreamEndpoint;
  readonly clock: Clock;
  readonly handle: (frame: StreamFrame) => Promise<FrameReply>;
  /** Something worth a log line happened that ends nothing. Never contains content. */
  readonly onFault: (error: unknown) => void;
  readonly handshakeTimeoutMs: number;
  /** Pause between WebSocket pings. */
  readonly pingMs: number;
  readonly maxFrameBytes: number;
  /** Above this many frames in hand the socket is not read any further. */
  readonly maxInFlight: number;
  /** Leads the handshake through a proxy. */
  readonly agentFor?: (url: string) => Agent | undefined;
}

/** How a connection ended. */
export interface LinkEnd {
  readonly fault: ConnectionFault;
  readonly livedMs: number;
  /** The close code of the WebSocket, 1006 when there was no closing handshake. */
  readonly closeCode: number;
}

/** What `DWClient` keeps private and we must reach (messaging reference §3.6). */
interface Insides {
  socket?: WebSocket;
  dw_url?: string | undefined;
  sslopts: object;
}

const OPEN = 1;
/** How long the closing handshake may take. */
const CLOSE_GRACE_MS = 1_000;
const MISSED_PONGS = 2;

/**
 * One connection, used once: dialled, served, shut. `dingtalk-stream` makes the socket; everything that reads, answers
 * or reports is replaced, for the package crashes on malformed frames, writes to the console and acks on the wrong
 * socket (§3.2). Reconnecting is the business of `ChannelStream`.
 */
export class StreamLink extends DWClient {
  /** Resolves once, when the socket is gone for good. Only after a successful `dial`. */
  readonly ended: Promise<LinkEnd>;
  /** Resolves when the server announced that it will close this connection. */
  readonly drained: Promise<'drain'>;

  private readonly inHand = new Set<Promise<void>>();
  private readonly life = new AbortController();
  private settleEnded: (end: LinkEnd) => void = () => undefined;
  private settleDrained: (drain: 'drain') => void = () => undefined;
  private openedAtMs: number | null = null;
  private missedPongs = 0;
  /** Set by whoever brings the socket down, for the close code alone does not tell why. */
  private cause: ConnectionFault | null = null;
  private isDeaf = false;

  constructor(private readonly options: StreamLinkOptions) {
    // The package never gets to see the credentials: our own endpoint client holds them.
    super({ clientId: 'unused', clientSecret: 'unused', keepAlive: false, debug: false });
    Object.assign(this.config, { autoReconnect: false, subscriptions: [...subscriptions] });
    this.insides.sslopts = { maxPayload: options.maxFrameBytes, perMessageDeflate: false };
    this.ended = new Promise((resolve) => (this.settleEnded = resolve));
    this.drained = new Promise((resolve) => (this.settleDrained = resolve));
  }

  /** Milliseconds since the epoch; null before the handshake. */
  get connectedAtMs(): number | null {
    return this.openedAtMs;
  }

  /**
   * @param signal aborts the request for a ticket; a handshake under way is ended by `shut`
   * @throws StreamOpenError
   */
  async dial(signal: AbortSignal): Promise<void> {
    const url = await this.options.endpoint.fetch(signal);
    this.insides.dw_url = url;
    Object.assign(this.insides.sslopts, { agent: this.options.agentFor?.(url) });
    if (signal.aborted) throw new StreamOpenError(connectionFaults.reset);
    try {
      await this._connect();
    } finally {
      // It holds a ticket.
      this.insides.dw_url = undefined;
    }
    void this.watchPulse();
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
    const { socket } = this.insides;
    if (!socket) return;
    if (socket.readyState === OPEN) {
      socket.close(1000);
      await this.options.clock.sleep(CLOSE_GRACE_MS, this.life.signal);
    }
    socket.terminate();
    await this.ended;
  }

  /** Closes after `ms` at the latest; whoever shuts it sooner wins. */
  async shutWithin(ms: number): Promise<void> {
    await this.options.clock.sleep(ms, this.life.signal);
    await this.shut(0);
  }

  /** Replaces the package's listeners, which write to the console and throw, before the first of them can run. */
  override _connect(): Promise<void> {
    // Settles never, since its listeners are taken away; it rejects only if no socket could be made.
    const made = super._connect();
    const { socket } = this.insides;
    if (!socket)
      // The package's error quotes the URL, and with it the ticket.
      return made.catch(() => Promise.reject(new StreamOpenError(connectionFaults.unusableAnswer)));
    void made.catch(this.options.onFault);
    socket.removeAllListeners();
    return this.adopt(socket);
  }

  /** A malformed frame is dropped; nothing that arrives can throw (C24). */
  override onDownStream(text: string): void {
    this.missedPongs = 0;
    const frame = readFrame(text);
    if (!frame) return this.drop('not a frame', text.length);
    if (frame.type === 'SYSTEM') return this.serveSystem(frame);
    if (frame.type === 'EVENT' || frame.type === 'CALLBACK') return this.take(frame, frame.type);
    return this.drop('of unknown type', text.length);
  }

  private get insides(): Insides {
    return this as unknown as Insides;
  }

  private adopt(socket: WebSocket): Promise<void> {
    socket.on('error', (error) => this.fail(socket, error));
    socket.on('close', (code: number) => this.finish(code));
    socket.on('pong', () => (this.missedPongs = 0));
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    return this.handshake(socket);
  }

  /** What it needs goes with it: there are thousands of connections, and they live for hours. */
  private handshake(socket: WebSocket): Promise<void> {
    return new Promise((resolve, reject) => {
      let refusedWith: number | null = null;
      let isLate = false;
      const over = new AbortController();
      const { clock, handshakeTimeoutMs } = this.options;
      void clock.sleep(handshakeTimeoutMs, over.signal).then(() => {
        if (over.signal.aborted) return;
        isLate = true;
        socket.terminate();
      });
      const refused = (_request: unknown, response: { statusCode?: number | undefined }): void => {
        refusedWith = response.statusCode ?? 0;
        socket.terminate();
      };
      const end = (): void => {
        over.abort();
        socket.off('unexpected-response', refused).off('open', opened).off('close', closed);
      };
      const opened = (): void => {
        end();
        this.openedAtMs = clock.now();
        resolve();
      };
      const closed = (): void => {
        end();
        reject(handshakeError(isLate, refusedWith, this.lastError));
      };
      socket.on('unexpected-response', refused).on('open', opened).on('close', closed);
    });
  }

  private lastError: unknown = null;

  /** After 'error' comes 'close', sometimes only if the socket is destroyed. */
  private fail(socket: WebSocket, error: unknown): void {
    this.lastError = error;
    const isProtocol = /^WS_ERR_/.test(String((error as { code?: unknown }).code));
    this.cause ??= isProtocol ? connectionFaults.protocolError : connectionFaults.lost;
    if (this.openedAtMs !== null) socket.terminate();
  }

  private finish(closeCode: number): void {
    const livedMs = this.openedAtMs === null ? 0 : this.options.clock.now() - this.openedAtMs;
    const byCode = closeCode === 1006 ? connectionFaults.lost : connectionFaults.closed;
    this.life.abort();
    this.settleEnded({ fault: this.cause ?? byCode, livedMs, closeCode });
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (isBinary) return this.drop('binary', Buffer.isBuffer(data) ? data.length : 0);
    this.onDownStream(Buffer.isBuffer(data) ? data.toString('utf8') : '');
  }

  private drop(what: string, length: number): void {
    this.options.onFault(
      new StreamFrameError(`a Stream frame is ${what}`, { details: { length } }),
    );
  }

  private serveSystem(frame: RawFrame): void {
    if (frame.topic === 'ping') this.answer(frame.messageId, 200, frame.data || '{}');
    if (frame.topic === 'disconnect') this.settleDrained('drain');
  }

  private take(frame: RawFrame, type: StreamFrame['type']): void {
    if (this.isDeaf) return;
    if (type === 'CALLBACK' && !subscriptions.some(({ topic }) => topic === frame.topic))
      return this.answer(frame.messageId, 404, '{"response":null}');
    const work = this.serve({ ...frame, type, receivedAtMs: this.options.clock.now() });
    this.inHand.add(work);
    if (this.inHand.size >= this.options.maxInFlight) this.insides.socket?.pause();
    void work.then(() => {
      this.inHand.delete(work);
      if (this.inHand.size < this.options.maxInFlight) this.insides.socket?.resume();
    });
  }

  /** Acknowledges exactly once, on the socket the frame came from. Never rejects. */
  private async serve(frame: StreamFrame): Promise<void> {
    try {
      const reply = await this.options.handle({
        ...frame,
        connectionId: frame.headers['connectionId'],
      });
      if (reply) this.answer(frame.messageId, reply.code, ackData(frame.type, reply));
    } catch (error) {
      this.options.onFault(error);
      this.answer(frame.messageId, 500, ackData(frame.type, { code: 500 }));
    }
  }

  private answer(messageId: string, code: number, data: string): void {
    const { socket } = this.insides;
    if (messageId === '' || socket?.readyState !== OPEN) return;
    const headers = { contentType: 'application/json', messageId };
    const message = code === 200 ? 'OK' : 'error';
    socket.send(JSON.stringify({ code, headers, message, data }), () => {
      // A failed write is a dying socket: 'close' follows, and the platform delivers again.
    });
  }

  private async whenIdle(graceMs: number): Promise<void> {
    if (this.inHand.size === 0 || graceMs === 0) return;
    const patience = new AbortController();
    const idle = async (): Promise<void> => {
      while (this.inHand.size > 0 && !patience.signal.aborted) await Promise.all(this.inHand);
    };
    const gone = this.ended.then(() => undefined);
    await Promise.race([idle(), gone, this.options.clock.sleep(graceMs, patience.signal)]);
    patience.abort();
  }

  /**
   * Finds a half-open connection (C21): a ping every `pingMs`; when two stay unanswered, and half a pause has passed
   * since, nobody is there. Any frame counts as an answer. A socket we do not read ourselves proves nothing.
   */
  private async watchPulse(): Promise<void> {
    const { clock, pingMs } = this.options;
    const { signal } = this.life;
    for (;;) {
      await clock.sleep(this.missedPongs < MISSED_PONGS ? pingMs : pingMs / 2, signal);
      const { socket } = this.insides;
      if (signal.aborted || !socket) return;
      if (socket.isPaused) this.missedPongs = 0;
      if (this.missedPongs >= MISSED_PONGS) {
        this.cause = connectionFaults.noHeartbeat;
        return socket.terminate();
      }
      this.missedPongs += 1;
      if (socket.readyState === OPEN) socket.ping();
    }
  }
}

function handshakeError(isLate: boolean, status: number | null, error: unknown): StreamOpenError {
  if (isLate) return new StreamOpenError(connectionFaults.handshakeTimeout);
  if (status !== null) return new StreamOpenError(connectionFaults.handshakeRefused, { status });
  const { kind, code } = networkFault(error);
  const fault = {
    refused: connectionFaults.refused,
    not_found: connectionFaults.hostNotFound,
    tls: connectionFaults.tlsFailed,
  };
  const known = kind in fault ? fault[kind as keyof typeof fault] : connectionFaults.reset;
  return new StreamOpenError(known, { networkCode: code });
}

/** What the platform expects in the `data` of an ack (messaging reference §2.3). */
function ackData(type: StreamFrame['type'], { code, data }: NonNullable<FrameReply>): string {
  const usual =
    type === 'EVENT' ? { status: code === 200 ? 'SUCCESS' : 'LATER' } : { response: null };
  return JSON.stringify(data ?? usual);
}
