import type { Secret } from '@common/config';
import type { ConnectionReport } from '@common/domain';
import { type Clock, SystemClock } from '@common/kernel';
import { OutboundRefusedError } from '@common/outbound';

import type { Route } from '../http/endpoint-routes';
import { type ConnectionFault, connectionFaults, StreamOpenError } from './connection-fault';
import { ReconnectPolicy } from './reconnect-policy';
import { StreamEndpoint } from './stream-endpoint.client';
import type { FrameReply, StreamFrame } from './stream-frame';
import { type LinkEnd, type LinkOwner, StreamLink } from './stream-link';
import type { StreamPulse } from './stream-pulse';

/**
 * What a stream needs, read whenever it is needed: an object with getters may say something new each time, and may share
 * all that is the same for every channel.
 */
export interface ChannelStreamOptions {
  /** DINGTALK_API_URL, or the channel's own. Plain `http:` allows a plain `ws:` connection too. */
  readonly apiUrl: string;
  readonly clientId: string;
  /** Another one counts from the next connection on; one that is open asks for no secret any more. */
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
  readonly onOpened?: ((result: string) => void) | undefined;
  /** For metrics: a connection ended and is opened anew: `announced`, or the code of a fault. */
  readonly onEnded?: ((reason: string) => void) | undefined;
  /** Awaited before each opening; a stream that is stopped meanwhile opens nothing. Never rejects. */
  readonly beforeOpening?: (() => Promise<void>) | undefined;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Takes the pulse of all connections of the process; a dead peer is noticed after at most 2.6 of its pauses. */
  readonly pulse: StreamPulse;
  /** Default 10 000. */
  readonly openTimeoutMs?: number;
  /** Default 10 000. */
  readonly handshakeTimeoutMs?: number;
  /** Default 4 MiB. */
  readonly maxFrameBytes?: number;
  /** Frames in hand before the socket is not read any further. Default 1 000. */
  readonly maxInFlight?: number;
  /** How calls and connections leave; default: directly. */
  readonly egress?: Route;
}

/** The server closes a connection about 10 s after it announced it (messaging reference §2.2). */
const DRAIN_MS = 10_000;
const STOP_GRACE_MS = 2_000;
/** So many connections in a row that were dropped within a minute are worth a word of their own. */
const FLAPPING = 5;
const FLAP_MS = 60_000;

const CONNECTING: ConnectionReport = {
  state: 'connecting',
  code: 'connecting',
  message: 'The connection to DingTalk is being opened.',
  userAction: null,
  connectedAtMs: null,
  lastError: null,
};
const clock = new SystemClock();

/**
 * Keeps one channel connected: the supervisor over single-use links (design: gateway coordination). Opens the
 * replacement before an announced end, backs off after faults, and says at any time what is known. While a connection
 * serves, nothing is under way here: its link tells how it goes on.
 */
export class ChannelStream implements LinkOwner {
  private readonly policy: ReconnectPolicy;
  /** Every link that is not gone: at most the current one, one being opened, and those draining. */
  private links: readonly StreamLink[] = [];
  private serving: StreamLink | null = null;
  private retiring: StreamLink | null = null;
  /** Waiting for the next connection and opening it; null while one serves. */
  private opening: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;
  private isStarted = false;
  private isStopping = false;
  private shortLives = 0;
  private current = CONNECTING;

  constructor(private readonly options: ChannelStreamOptions) {
    this.policy = new ReconnectPolicy(options.random);
  }

  get report(): ConnectionReport {
    return this.current;
  }

  get clock(): Clock {
    return this.options.clock ?? clock;
  }

  get pulse(): StreamPulse {
    return this.options.pulse;
  }

  get maxInFlight(): number {
    return this.options.maxInFlight ?? 1_000;
  }

  /** Begins to connect; a second call does nothing. A stopped stream stays stopped. */
  start(): void {
    if (this.isStarted || this.isStopping) return;
    this.isStarted = true;
    this.tell();
    this.openAfter(0);
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

  serve(frame: StreamFrame): Promise<FrameReply> {
    return this.options.handle(frame);
  }

  /** The replacement is opened next; the old link serves on until then, and for 10 s at most. */
  linkDrains(link: StreamLink): void {
    if (this.serving !== link) return;
    this.serving = null;
    this.openAfter(this.drain(link));
  }

  /** A draining link that ends before its replacement is there leaves the channel without a connection. */
  linkEnded(link: StreamLink, end: LinkEnd): void {
    this.links = this.links.filter((one) => one !== link);
    if (this.serving === link) {
      this.serving = null;
      this.openAfter(this.ended(end));
    } else if (this.retiring === link && !this.isStopping) {
      this.retiring = null;
      if (this.current.state === 'connected') this.lost(end.fault, end.fault.message);
    }
  }

  fault(error: unknown): void {
    try {
      this.options.onFault?.(error);
    } catch {
      // A logger that throws must not take the socket with it (P10); there is nobody left to tell.
    }
  }

  private async end(): Promise<void> {
    this.isStopping = true;
    this.opening?.stop.abort();
    await Promise.all(this.links.map((link) => link.shut(STOP_GRACE_MS)));
    await this.opening?.done;
    if (this.current.code !== 'stopped')
      this.say({
        ...this.current,
        state: 'disconnected',
        code: 'stopped',
        message: 'The connection was closed on purpose.',
        userAction: null,
        connectedAtMs: null,
      });
  }

  private openAfter(waitMs: number): void {
    if (this.isStopping) return;
    const stop = new AbortController();
    this.opening = { stop, done: this.open(waitMs, stop.signal) };
  }

  /** Until a connection serves. Never rejects: whatever happens to a link is a fault to report and a wait. */
  private async open(waitMs: number, stop: AbortSignal): Promise<void> {
    let nextMs: number | null = waitMs;
    while (nextMs !== null && !this.isStopping) {
      await this.pause(nextMs, stop);
      nextMs = this.isStopping ? null : await this.connectOnce(stop);
    }
  }

  private async pause(waitMs: number, stop: AbortSignal): Promise<void> {
    await this.clock.sleep(waitMs, stop);
    const moreMs = this.policy.untilBudget(this.clock.now());
    if (moreMs > 0) await this.clock.sleep(moreMs, stop);
    if (!this.isStopping) await this.options.beforeOpening?.();
  }

  /** @returns how long to wait before the next attempt; null: the connection serves, or none is wanted any more */
  private async connectOnce(stop: AbortSignal): Promise<number | null> {
    const link = new StreamLink(this);
    this.policy.opened(this.clock.now());
    this.links = [...this.links, link];
    try {
      await this.dial(link, stop);
    } catch (error) {
      this.links = this.links.filter((one) => one !== link);
      return this.failed(error);
    }
    if (this.isStopping) {
      await link.shut(0);
      return null;
    }
    this.connected(link);
    if (link.ended) return this.ended(link.ended);
    if (link.drains) return this.drain(link);
    this.serving = link;
    this.opening = null;
    return null;
  }

  private async dial(link: StreamLink, stop: AbortSignal): Promise<void> {
    const { options } = this;
    const { egress } = options;
    const endpoint = new StreamEndpoint({
      apiUrl: options.apiUrl,
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      timeoutMs: options.openTimeoutMs ?? 10_000,
      dispatcher: egress?.dispatcher,
    });
    const url = await endpoint.fetch(stop);
    if (stop.aborted) throw new StreamOpenError(connectionFaults.reset);
    await link.dial({
      url,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
      maxPayload: options.maxFrameBytes ?? 4 * 1024 * 1024,
      agent: egress?.agentFor(url),
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
      lastError: this.current.lastError,
    });
  }

  private drain(link: StreamLink): number {
    this.options.onEnded?.('announced');
    this.retiring = link;
    void link.shutWithin(DRAIN_MS);
    return this.policy.afterEnd(this.clock.now() - (link.connectedAtMs ?? this.clock.now()));
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
    const fault = faultOf(error);
    this.options.onOpened?.(fault.code);
    this.lost(fault, fault.message);
    return this.policy.afterFault(fault);
  }

  private lost({ state, code, userAction }: ConnectionFault, message: string): void {
    const lastError = { code, message, atMs: this.clock.now() };
    this.say({ state, code, message, userAction, connectedAtMs: null, lastError });
  }

  private say(report: ConnectionReport): void {
    this.current = report;
    this.tell();
  }

  private tell(): void {
    try {
      this.options.onReport(this.current);
    } catch (error) {
      this.fault(error);
    }
  }
}

function faultOf(error: unknown): ConnectionFault {
  if (error instanceof StreamOpenError) return error.fault;
  return error instanceof OutboundRefusedError
    ? connectionFaults.addressRefused
    : connectionFaults.reset;
}
