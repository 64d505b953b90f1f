import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import type { Work } from '@common/persistence';
import { WorkProducer } from '@common/queue';

/** What a committed effect left to do: rows that want a job, and running turns that were asked to stop. */
export interface Aftermath {
  readonly works?: readonly Work[];
  readonly stoppedTurnIds?: readonly string[];
  /** Somebody writes on although nobody answers: their thread is looked at again after a rest. */
  readonly isFlood?: boolean;
}

/** Adds the jobs and says the news, after the commit. If we die here, the sweeper wakes the rows. */
@Injectable()
export class FollowUp {
  constructor(
    private readonly work: WorkProducer,
    private readonly announcer: Announcer,
  ) {}

  async on(
    envelope: { readonly tenantId: string; readonly correlationId: string },
    { works = [], stoppedTurnIds = [] }: Aftermath,
  ): Promise<void> {
    await Promise.all([
      ...stoppedTurnIds.map((turnId) => this.announcer.announce('turn.cancel', { turnId })),
      ...works.map((work) => this.work.enqueue(envelope, work)),
    ]);
  }
}
