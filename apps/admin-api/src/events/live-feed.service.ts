import { Injectable } from '@nestjs/common';

import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';

import { LiveEventsRepository } from './live-events.repository';
import { frameOf, type LiveListener, type Past } from './live-listener';
import { LiveWatch } from './live-watch.service';

const READ_EVERY_MS = 500;
const BEAT_EVERY_MS = 15_000;
const AT_A_TIME = 2_000;
/** Missed events that are told again; who missed more reads the resources anew. */
const MAX_MISSED = 1_000;
const MAX_ID = 2n ** 63n - 1n;

/** Tells all listeners of this process what happens: one reader, however many there are, and none when there are none. */
@Injectable()
export class LiveFeed {
  private readonly listeners = new Set<LiveListener>();
  private position: bigint | undefined;
  private beatAtMs = 0;
  private reading: Periodic | undefined;
  private round: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly events: LiveEventsRepository,
    private readonly watch: LiveWatch,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get size(): number {
    return this.listeners.size;
  }

  /**
   * @param lastId `Last-Event-ID` of somebody who comes back
   * @param onReady called before the first word
   */
  async add(
    listener: LiveListener,
    lastId: string | undefined,
    onReady: () => void,
  ): Promise<void> {
    // Registered before the past is read: nothing falls between the two.
    this.listeners.add(listener);
    try {
      // At once, so that the log is alive before its end is read.
      await this.goOn();
      const past = await this.pastOf(listener.tenantId, lastId);
      onReady();
      listener.begin(past);
    } catch (error) {
      this.listeners.delete(listener);
      throw error;
    }
    if (this.isClosed) listener.end();
    this.reading ??= this.start();
  }

  remove(listener: LiveListener): void {
    this.listeners.delete(listener);
  }

  /** Everybody is let go, to come back to another replica. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const listener of this.listeners) listener.end();
    this.listeners.clear();
    await this.reading?.stop();
  }

  /** What somebody is told first: what was missed, or that it is too much. */
  private async pastOf(tenantId: string, lastId: string | undefined): Promise<Past> {
    const { first, last, gap } = await this.events.ends();
    const ready = frameOf(last, 'ready', {});
    const fresh = { last, before: RETRY, missed: [], after: ready };
    if (lastId === undefined) return fresh;
    const id = /^\d{1,19}$/.test(lastId) ? BigInt(lastId) : MAX_ID;
    const isKnown = id <= last && id >= first - 1n && id >= gap;
    const missed = isKnown ? await this.events.missed(tenantId, id, last, MAX_MISSED + 1) : [];
    if (!isKnown || missed.length > MAX_MISSED)
      return { ...fresh, before: RETRY + frameOf(last, 'resync', {}) };
    return { ...fresh, missed };
  }

  private start(): Periodic {
    const reading = new Periodic(() => this.turn(), {
      everyMs: READ_EVERY_MS,
      clock: this.clock,
      onError: (error) => this.logger.debug('live events not read', { error }),
    });
    reading.start();
    return reading;
  }

  private async turn(): Promise<void> {
    if (this.listeners.size === 0) {
      this.position = undefined;
      return;
    }
    this.beat();
    await this.goOn();
  }

  /** One round at a time, whoever asks for it. */
  private goOn(): Promise<void> {
    this.round ??= this.read().finally(() => (this.round = undefined));
    return this.round;
  }

  private async read(): Promise<void> {
    this.position ??= (await this.events.ends()).last;
    await this.watch.look();
    for (;;) {
      const events = await this.events.after(this.position, AT_A_TIME);
      for (const event of events) {
        const frame = frameOf(event.id, event.type, event.data);
        for (const listener of this.listeners) listener.hear(event, frame);
        this.position = BigInt(event.id);
      }
      if (events.length < AT_A_TIME) return;
    }
  }

  private beat(): void {
    const now = this.clock.now();
    if (now < this.beatAtMs + BEAT_EVERY_MS) return;
    this.beatAtMs = now;
    for (const listener of this.listeners) listener.beat();
  }
}

/** How long whoever lost the connection waits before it comes back. */
const RETRY = 'retry: 2000\n\n';
