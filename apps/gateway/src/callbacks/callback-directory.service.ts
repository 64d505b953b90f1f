import { Injectable } from '@nestjs/common';

import { AppError, Clock, isUuid } from '@common/kernel';
import { Logger } from '@common/logging';

import type { CallbackChannel } from './callback-channel';
import { CallbackChannelsRepository, type ListedChannel } from './callback-channels.repository';

const RECONCILE_MS = 15_000;
/** Queries a second that ids may cost which are in no list: garbage must not reach the database (P10). */
const MAX_LOOKS_PER_SECOND = 50;

/** Nothing is known of any channel yet: not the time to call one unknown. */
export class DirectoryNotReadyError extends AppError {
  readonly code = 'callback_directory_not_ready';
  readonly retry = 'backoff';

  constructor() {
    super('the list of channels was not read yet');
  }
}

/**
 * All channels that callbacks may be for, in memory: a request costs no query, and an unknown id at most a share of fifty a
 * second. Announcements keep it up to date, the reconcile makes up for lost ones; while Postgres is away it stays as it is.
 */
@Injectable()
export class CallbackDirectory {
  private readonly listed = new Map<string, ListedChannel>();
  private readonly stopping = new AbortController();
  private isLoaded = false;
  private running: Promise<void> = Promise.resolve();
  private looks = { second: 0, count: 0 };

  constructor(
    private readonly channels: CallbackChannelsRepository,
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
    try {
      await this.look(channelId);
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
    if (known) return this.look(id);
    if (!this.isLoaded) throw new DirectoryNotReadyError();
    return this.mayLook() ? this.look(id) : null;
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.reconcile();
      } catch (error) {
        this.logger.warn('channels for callbacks not read', { error });
      }
      const pauseMs = this.isLoaded ? RECONCILE_MS : 1_000;
      await this.clock.sleep(pauseMs, this.stopping.signal);
    }
  }

  private async reconcile(): Promise<void> {
    const all = await this.channels.all();
    this.listed.clear();
    for (const entry of all) this.listed.set(entry.channel.id, entry);
    this.isLoaded = true;
  }

  private async look(id: string): Promise<CallbackChannel | null> {
    const found = await this.channels.one(id);
    if (found) this.listed.set(id, found);
    else this.listed.delete(id);
    return found?.channel ?? null;
  }

  private mayLook(): boolean {
    const second = Math.floor(this.clock.now() / 1_000);
    if (this.looks.second !== second) this.looks = { second, count: 0 };
    this.looks.count += 1;
    return this.looks.count <= MAX_LOOKS_PER_SECOND;
  }
}
