import type { Secret } from '@common/config';
import type { ConnectionReport } from '@common/domain';
import { type Clock, SystemClock } from '@common/kernel';
import type { Egress } from '@common/outbound';

import { type ConnectionFault, connectionFaults, StreamOpenError } from './connection-fault';
import { ReconnectPolicy } from './reconnect-policy';
import { StreamEndpoint } from './stream-endpoint.client';
import type { FrameReply, StreamFrame } from './stream-frame';
import { type LinkEnd, StreamLink } from './stream-link';

export interface ChannelStreamOptions {
  /** DINGTALK_API_URL. Plain `http:` allows a plain `ws:` connection too. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /**
   * Called for every EVENT and CALLBACK, concurrently. Its reply is the acknowledgement; when it rejects, 500 is
   * answered. It must settle: give it a time limit.
   */
  readonly handle: (frame: StreamFrame) => Promise<FrameReply>;
  /** Called on every change of state or fault. */
  readonly onReport: (report: ConnectionReport) => void;
  /** For logs: dropped frames and failing handlers. Errors carry no content and no secrets of ours. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  /** For metrics: an attempt to connect ended with `connected` or the code of a fault. */
  readonly onOpened?: (result: string) => void;
  /** For metrics: a connection ended and is opened anew: `announced`, or the code of a fault. */
  readonly onEnded?: (reason: string) => void;
  /** Awaited before each opening; a stream that is stopped meanwhile opens nothing. Never rejects. */
  readonly beforeOpening?: (() => Promise<void>) | undefined;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Pause between WebSocket pings; a dead peer is noticed after at most 2.5 of them. Default 10 000. */
  readonly pingMs?: number;
  /** Default 10 000. */
  readonly openTimeoutMs?: number;
  /** Default 10 000. */
  readonly handshakeTimeoutMs?: number;
  /** Default 4 MiB. */
  readonly maxFrameBytes?: number;
  /** Frames in hand before the socket is not read any further. Default 1 000. */
  readonly maxInFlight?: number;
  /** How calls and connections leave; default: directly. */
  readonly egress?: Egress;
}

/** The server closes a connection about 10 s after it announced it (messaging reference §2.2). */
const DRAIN_MS = 10_000;
const STOP_GRACE_MS = 2_000;
/** So many connections in a row that were dropped within a minute are worth a word of their own. */
const FLAPPING = 5;
const FLAP_MS = 60_000;

/**
 * Keeps one channel connected: the supervisor over single-use links (design: gateway coordination). Opens the
 * replacement before an announced end, backs off after faults, and says at any time what is known.
 */
export class ChannelStream {
  private readonly clock: Clock;
  private readonly policy: ReconnectPolicy;
  private readonly endpoint: StreamEndpoint;
  private readonly stopping = new AbortController();
  /** Every link that is not gone: at most the current one, one being opened, and those draining. */
  private readonly links = new Set<StreamLink>();
  private running: Promise<void> | null = null;
  private retiring: StreamLink | null = null;
  private shortLives = 0;
  private current: ConnectionReport = {
    state: 'connecting',
    code: 'connecting',
    message: 'The connection to DingTalk is being opened.',
    userAction: null,
    connectedAtMs: null,
    lastError: null,
  };

  constructor(private readonly options: ChannelStreamOptions) {
    this.clock = options.clock ?? new SystemClock();
    this.policy = new ReconnectPolicy(options.random);
    this.endpoint = new StreamEndpoint({
      apiUrl: options.apiUrl,
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      timeoutMs: options.openTimeoutMs ?? 10_000,
      dispatcher: options.egress?.dispatcher,
    });
  }

  get report(): ConnectionReport {
    return this.current;
  }

  /** A new secret that the platform has taken: the connection stays, and the next one is opened with it. */
  useSecret(clientSecret: Secret): void {
    this.endpoint.useSecret(clientSecret);
  }

  /** Begins to connect; a second call does nothing. A stopped stream stays stopped. */
  start(): void {
    this.running ??= this.stopping.signal.aborted ? Promise.resolve() : this.run();
  }

  /**
   * Takes no new frames, waits at most 2 s for acknowledgements in flight, closes with 1000. Resolves when no socket
   * and no timer is left; safe at any moment, also while a connection is being opened, and to call twice.
   */
  stop(): Promise<void> {
    this.links.forEach((link) => link.deafen());
    return this.end();
  }

  /**
   * As `stop`, but what arrives until the sockets are gone is taken too, even if it can no longer be acknowledged: nobody
   * waits for the platform to send it again, and then it is a duplicate.
   */
  retire(): Promise<void> {
    return this.end();
  }

  private async end(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.links].map((link) => link.shut(STOP_GRACE_MS)));
    await this.running;
    if (this.current.code !== 'stopped')
      this.say({
        state: 'disconnected',
        code: 'stopped',
        message: 'The connection was closed on purpose.',
        userAction: null,
        connectedAtMs: null,
      });
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Never rejects: whatever happens to a link is a fault to report and a wait. */
  private async run(): Promise<void> {
    this.tell();
    let waitMs = 0;
    while (!this.isStopping) {
      await this.pause(waitMs);
      if (this.isStopping) return;
      waitMs = await this.connectOnce();
    }
  }

  private async pause(waitMs: number): Promise<void> {
    await this.clock.sleep(waitMs, this.stopping.signal);
    const moreMs = this.policy.untilBudget(this.clock.now());
    if (moreMs > 0) await this.clock.sleep(moreMs, this.stopping.signal);
    if (!this.isStopping) await this.options.beforeOpening?.();
  }

  /** Opens one link and stays with it until it ends or drains. @returns how long to wait before the next */
  private async connectOnce(): Promise<number> {
    const link = this.newLink();
    this.policy.opened(this.clock.now());
    this.links.add(link);
    try {
      await link.dial(this.stopping.signal);
    } catch (error) {
      this.links.delete(link);
      return this.failed(error);
    }
    void link.ended.then((end) => this.gone(link, end));
    if (this.isStopping) {
      await link.shut(0);
      return 0;
    }
    this.connected(link);
    const end = await Promise.race([link.ended, link.drained]);
    if (end === 'drain') return this.drain(link);
    return this.ended(end);
  }

  private newLink(): StreamLink {
    const { options } = this;
    return new StreamLink({
      endpoint: this.endpoint,
      clock: this.clock,
      handle: options.handle,
      onFault: (error) => this.fault(error),
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
      pingMs: options.pingMs ?? 10_000,
      maxFrameBytes: options.maxFrameBytes ?? 4 * 1024 * 1024,
      maxInFlight: options.maxInFlight ?? 1_000,
      agentFor: (url) => options.egress?.agentFor(url),
    });
  }

  private connected(link: StreamLink): void {
    this.options.onOpened?.('connected');
    void this.retiring?.shut(DRAIN_MS);
    this.retiring = null;
    this.say({
      state: 'connected',
      code: 'connected',
      message: 'The channel is connected to DingTalk.',
      userAction: null,
      connectedAtMs: link.connectedAtMs,
    });
  }

  /** The replacement is opened next; the old link serves on until then, and for 10 s at most. */
  private drain(link: StreamLink): number {
    this.options.onEnded?.('announced');
    this.retiring = link;
    void link.shutWithin(DRAIN_MS);
    return this.policy.afterEnd(this.clock.now() - (link.connectedAtMs ?? this.clock.now()));
  }

  /** A draining link that ends before its replacement is there leaves the channel without a connection. */
  private gone(link: StreamLink, { fault }: LinkEnd): void {
    this.links.delete(link);
    if (this.retiring !== link || this.isStopping) return;
    this.retiring = null;
    if (this.current.state === 'connected') this.lost(fault, fault.message);
  }

  private ended({ fault, livedMs, closeCode }: LinkEnd): number {
    if (this.isStopping) return 0;
    this.options.onEnded?.(fault.code);
    this.shortLives = livedMs < FLAP_MS ? this.shortLives + 1 : 0;
    const known = this.shortLives >= FLAPPING ? connectionFaults.droppedRepeatedly : fault;
    this.lost(known, `${known.message} (close code ${closeCode})`);
    return this.policy.afterEnd(livedMs);
  }

  private failed(error: unknown): number {
    if (this.isStopping) return 0;
    if (!(error instanceof StreamOpenError)) this.fault(error);
    const fault = error instanceof StreamOpenError ? error.fault : connectionFaults.reset;
    this.options.onOpened?.(fault.code);
    this.lost(fault, fault.message);
    return this.policy.afterFault(fault);
  }

  private lost({ state, code, userAction }: ConnectionFault, message: string): void {
    const lastError = { code, message, atMs: this.clock.now() };
    this.say({ state, code, message, userAction, connectedAtMs: null, lastError });
  }

  private say(change: Partial<ConnectionReport>): void {
    this.current = { ...this.current, ...change };
    this.tell();
  }

  private tell(): void {
    try {
      this.options.onReport(this.current);
    } catch (error) {
      this.fault(error);
    }
  }

  private fault(error: unknown): void {
    try {
      this.options.onFault?.(error);
    } catch {
      // A logger that throws must not take the socket with it (P10); there is nobody left to tell.
    }
  }
}
