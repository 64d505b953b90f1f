import { Injectable } from '@nestjs/common';

import {
  Announcer,
  type FileJob,
  filesQueue,
  type JobProducer,
  type OutboundJob,
  outboundQueue,
} from '@common/contracts';
import { Logger } from '@common/logging';
import type { Work } from '@common/persistence';
import { InjectProducer, WorkProducer } from '@common/queue';

/** What a committed effect left to do: rows that want a job, and running turns that were asked to stop. */
export interface Aftermath {
  readonly works?: readonly Work[];
  /** Files that are to be fetched. */
  readonly files?: readonly string[];
  readonly stoppedTurnIds?: readonly string[];
  /** Notices that something is to be done about. */
  readonly notices?: readonly { readonly id: string; readonly wake: number }[];
  /** Somebody writes on although nobody answers: their thread is looked at again after a rest. */
  readonly isFlood?: boolean;
}

/** Adds the jobs and says the news, after the commit. If we die here, the sweeper wakes the rows. */
@Injectable()
export class FollowUp {
  constructor(
    private readonly work: WorkProducer,
    private readonly announcer: Announcer,
    @InjectProducer(filesQueue) private readonly files: JobProducer<FileJob>,
    @InjectProducer(outboundQueue) private readonly outbound: JobProducer<OutboundJob>,
    private readonly logger: Logger,
  ) {}

  async on(
    envelope: { readonly tenantId: string; readonly correlationId: string },
    { works = [], files = [], stoppedTurnIds = [], notices = [] }: Aftermath,
  ): Promise<void> {
    await Promise.all([
      ...stoppedTurnIds.map((turnId) => this.announcer.announce('turn.cancel', { turnId })),
      ...works.map((work) => this.work.enqueue(envelope, work)),
      ...files.map((fileId) => this.add(this.files, { version: 1, ...envelope, fileId, wake: 0 })),
      ...notices.map(({ id: noticeId, wake }) =>
        this.add(this.outbound, { version: 1, ...envelope, noticeId, wake }),
      ),
    ]);
  }

  private async add<T>(to: JobProducer<T>, job: T): Promise<void> {
    try {
      await to.enqueue(job);
    } catch (error) {
      this.logger.warn('job left to the sweeper', { error });
    }
  }
}
