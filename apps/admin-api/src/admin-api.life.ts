import { Injectable } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';

import { QueueDesk } from './queues/queue-desk.service';

/** Nothing runs here between requests; at the end only the queue connections are to be closed. */
@Injectable()
export class AdminApiLife extends ServiceLife {
  constructor(private readonly queues: QueueDesk) {
    super();
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stopIntake(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<void> {
    return this.queues.close();
  }
}
