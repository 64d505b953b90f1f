import { Injectable } from '@nestjs/common';

import { correlation, newId } from '@common/kernel';
import { Logger } from '@common/logging';

import { QueueDesk } from '../queues/queue-desk.service';

/** The job of a notice, after the commit. If we die here, or Redis is away, the sweeper wakes the row. */
@Injectable()
export class NoticeWaker {
  constructor(
    private readonly jobs: QueueDesk,
    private readonly logger: Logger,
  ) {}

  async wake(tenantId: string, noticeId: string, wake: number): Promise<void> {
    const correlationId = correlation.getStore()?.correlationId ?? newId();
    try {
      await this.jobs.outbound.enqueue({ version: 1, tenantId, correlationId, noticeId, wake });
    } catch (error) {
      this.logger.warn('job left to the sweeper', { error });
    }
  }
}
