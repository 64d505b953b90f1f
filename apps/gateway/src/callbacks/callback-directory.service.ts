import { Injectable } from '@nestjs/common';

import { AppError, Clock, isUuid } from '@common/kernel';
import { Logger } from '@common/logging';

import { ChannelRoster } from '../channels/channel-roster.service';
import type { CallbackChannel } from './callback-channel';
import { CallbackChannelsRepository, type ListedChannel } from './callback-channels.repository';

const RECONCILE_MS = 15_000;
/** Queries a second that ids may cost which are in no list: garbage must not reach the database (P10). */
const MAX_LOOKS_PER_SECOND = 50;
/** And at a time: a slow database has something better to do. */
const MAX_LOOKS = 4;

/** Nothing is known of any channel yet: not the time to call one unknown. */
export class DirectoryNotReadyError extends AppError {
  readonly code = 'callback_directory_not_ready';
  readonly retry = 'backoff';

  constructor() {
    super('the list of channels was not read yet');
  }
}

/**
 * The channels that callbacks are for, in memory: those that have them set up, and those that some came for already. Their
 * requests cost no query, the first one of another channel costs one, and an unknown id at most a share of fifty a second.
 * Announcements keep it up to date, the reconcile makes up for lost ones; while Postgres is away it stays as it is.
 */
@Injectable()
export class CallbackDirectory {
  private readonly listed = new Map<string, ListedChannel>();
  private readonly stopping = new AbortController();
  private isLoaded = false;
  private running: Promise<void> = Promise.resolve();
  /** The look at the whole list that is under way, or the last one. */
  private reading: Promise<void> = Promise.resolve();
  /** Looks for callbacks that came, by channel. */
  private readonly looking = new Map<string, Promise<CallbackChannel | null>>();
  private looks = { second: 0, count: 0 };

  constructor(
    private readonly channels: CallbackChannelsRepository,
    private readonly roster: ChannelRoster,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** News of one channel: it may be new, changed, disabled or gone. */
  async heard(channelId: string): Promise<void> {
    // What a look at the whole list began to read before must not be put over it.
    await this.reading;
    try {
      await this.look(channelId, { isExpected: this.listed.has(channelId) });
    } catch (error) {
      this.logger.debug('channel not read', { channelId, error });
    }
  }

  /** Null for an id of no enabled channel. @throws DirectoryNotReadyError, or the store's error for a new id */
  async find(channelId: string): Promise<CallbackChannel | null> {
    if (!isUuid(channelId)) return null;
    const id = channelId.toLowerCase();
    const known = this.listed.get(id);
    if (known && this.clock.now() < known.untilMs) return known.channel;
    if (known) return this.lookOnce(id);
    if (!this.isLoaded) throw new DirectoryNotReadyError();
    const isEnabled = this.roster.channels?.has(id) ?? false;
    return isEnabled || this.mayLook() ? this.lookOnce(id) : null;
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.reading = this.reconcile().catch((error: unknown) =>
        this.logger.warn('channels for callbacks not read', { error }),
      );
      await this.reading;
      const pauseMs = this.isLoaded ? RECONCILE_MS : 1_000;
      await this.clock.sleep(pauseMs, this.stopping.signal);
    }
  }

  private async reconcile(): Promise<void> {
    const expected = await this.channels.expected([...this.listed.keys()]);
    this.listed.clear();
    for (const entry of expected) this.listed.set(entry.channel.id, entry);
    this.isLoaded = true;
  }

  /** However many callbacks wait for the same channel. */
  private lookOnce(id: string): Promise<CallbackChannel | null> {
    const looking = this.looking.get(id) ?? this.look(id).finally(() => this.looking.delete(id));
    this.looking.set(id, looking);
    return looking;
  }

  /** @param isExpected false: kept only when it has callbacks set up */
  private async look(id: string, { isExpected = true } = {}): Promise<CallbackChannel | null> {
    const found = await this.channels.one(id);
    const isKept = found && (isExpected || found.channel.eventKeys.length > 0);
    if (isKept) this.listed.set(id, found);
    else this.listed.delete(id);
    return found?.channel ?? null;
  }

  private mayLook(): boolean {
    if (this.looking.size >= MAX_LOOKS) return false;
    const second = Math.floor(this.clock.now() / 1_000);
    if (this.looks.second !== second) this.looks = { second, count: 0 };
    this.looks.count += 1;
    return this.looks.count <= MAX_LOOKS_PER_SECOND;
  }
}
