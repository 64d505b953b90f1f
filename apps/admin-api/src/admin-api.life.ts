import { setTimeout as wait } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';

import { ChannelProbe } from './channels/channel-probe.client';
import { QueueDesk } from './queues/queue-desk.service';

const CLOSE_MS = 1_000;

/** Nothing runs here between requests; at the end only the queue connections are to be closed. */
@Injectable()
export class AdminApiLife extends ServiceLife {
  constructor(
    private readonly queues: QueueDesk,
    private readonly probe: ChannelProbe,
  ) {
    super();
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stopIntake(): Promise<void> {
    return Promise.resolve();
  }

  /** A Redis that never came would keep BullMQ waiting for it. */
  async finish(deadlineMs: number): Promise<void> {
    const patience = wait(Math.min(deadlineMs, CLOSE_MS), undefined, { ref: false });
    await Promise.race([Promise.all([this.queues.close(), this.probe.close()]), patience]);
  }
}
