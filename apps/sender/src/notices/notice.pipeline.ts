import { Injectable } from '@nestjs/common';

import { type JobProducer, type OutboundJob, outboundQueue } from '@common/contracts';
import { AppError, Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { whileAway } from '@common/persistence';
import { InjectProducer } from '@common/queue';

import { DeliveriesInHand } from '../delivery/deliveries-in-hand';
import { LeaseLostError } from '../platform/lease';
import type { ClaimedNotice } from './claimed-notice';
import { NoticeClicks } from './notice-clicks.service';
import { NoticeRecall } from './notice-recall.service';
import { NoticeReceipts } from './notice-receipts.service';
import { NoticeSending } from './notice-sending.service';
import { NoticeRepository } from './notice.repository';

/**
 * Does what a notice needs: claim → send → take back → ask who read it → show what was clicked → give back.
 *
 * Running it twice does no harm: one living process holds the claim; every recipient is a row that says what became of
 * it, written before and after its call; whatever is asked for meanwhile raises the wake counter, and the notice is
 * looked at anew.
 */
@Injectable()
export class NoticePipeline {
  constructor(
    private readonly notices: NoticeRepository,
    private readonly sending: NoticeSending,
    private readonly recalls: NoticeRecall,
    private readonly receipts: NoticeReceipts,
    private readonly clicks: NoticeClicks,
    private readonly inHand: DeliveriesInHand,
    @InjectProducer(outboundQueue) private readonly outbound: JobProducer<OutboundJob>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async run(job: OutboundJob): Promise<void> {
    if (this.inHand.has(job.noticeId)) return;
    const stopping = this.inHand.take(job.noticeId);
    let wake: number | null = null;
    try {
      // Calls that are in the air when we are told to stop are waited for: cut off, they would go out twice.
      const notice = await this.notices.claim(
        job.tenantId,
        job.noticeId,
        new AbortController().signal,
      );
      if (notice) wake = await this.work(notice, stopping);
    } finally {
      this.inHand.put(job.noticeId);
    }
    // Not before it is out of our hands, for we may be the one who goes on with it.
    if (wake !== null) await this.outbound.enqueue({ ...job, wake });
  }

  /** @returns the wake counter of a job that goes on at once */
  private async work(notice: ClaimedNotice, stopping: AbortSignal): Promise<number | null> {
    try {
      await this.sending.send(notice, stopping);
      await this.recalls.recall(notice, stopping);
      await this.receipts.collect(notice, stopping);
      await this.clicks.show(notice, stopping);
    } catch (error) {
      return this.afterFailure(notice, error);
    }
    const rest = await this.whileAway(() =>
      stopping.aborted ? this.notices.release(notice, 0) : this.notices.finish(notice),
    );
    this.logger.info(rest ? 'notice worked on' : 'notice was taken over', {
      noticeId: notice.id,
      channelId: notice.channelId,
      attempt: notice.attempt,
    });
    return rest?.isDue ? rest.wake : null;
  }

  /** A living owner without a job would hold the notice for ever: it goes back, and sweepers begin again. */
  private async afterFailure(notice: ClaimedNotice, error: unknown): Promise<number | null> {
    const restMs =
      error instanceof AppError && typeof error.retry === 'object' ? error.retry.afterMs : REST_MS;
    await this.whileAway(() => this.notices.release(notice, restMs));
    if (!(error instanceof AppError)) throw error;
    // A lease that is over, a ban, a platform that is away: rows say how far we came.
    const level = error instanceof LeaseLostError ? 'info' : 'warn';
    this.logger[level]('notice waits', { noticeId: notice.id, code: error.code, restMs, error });
    return null;
  }

  private whileAway<T>(work: () => Promise<T>): Promise<T> {
    return whileAway(this.clock, new AbortController().signal, work);
  }
}

const REST_MS = 5_000;
