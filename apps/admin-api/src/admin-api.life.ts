import { setTimeout as wait } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { ObjectStore } from '@common/files';

import { ChannelProbe } from './channels/channel-probe.client';
import { Housekeeping } from './housekeeping/housekeeping.service';
import { KeysService } from './keys/keys.service';
import { LiveFeed } from './events/live-feed.service';
import { QueueDesk } from './queues/queue-desk.service';

const CLOSE_MS = 1_000;

/** Between requests only housekeeping runs; at the end listeners are let go and the queue connections closed. */
@Injectable()
export class AdminApiLife extends ServiceLife {
  constructor(
    private readonly queues: QueueDesk,
    private readonly probe: ChannelProbe,
    private readonly housekeeping: Housekeeping,
    private readonly keys: KeysService,
    private readonly feed: LiveFeed,
    private readonly store: ObjectStore,
  ) {
    super();
  }

  start(): Promise<void> {
    this.housekeeping.start();
    this.keys.start();
    return Promise.resolve();
  }

  /** Who listens would keep the server open: they go on with another replica. */
  async stopIntake(): Promise<void> {
    await Promise.all([this.housekeeping.stop(), this.keys.stop(), this.feed.close()]);
  }

  /** A Redis that never came would keep BullMQ waiting for it. */
  async finish(deadlineMs: number): Promise<void> {
    const patience = wait(Math.min(deadlineMs, CLOSE_MS), undefined, { ref: false });
    const closing = [this.queues.close(), this.probe.close(), this.store.close()];
    await Promise.race([Promise.all(closing), patience]);
  }
}
