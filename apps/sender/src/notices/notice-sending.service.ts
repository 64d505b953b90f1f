import { Injectable } from '@nestjs/common';

import {
  CardTemplateError,
  DingTalkCredentialsError,
  DingTalkError,
  DingTalkIpNotAllowedError,
  DingTalkQuotaError,
  DingTalkScopeMissingError,
  RecipientRejectedError,
} from '@common/dingtalk';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { whileAway } from '@common/persistence';

import { wasNotSent } from '../platform/was-not-sent';
import type { ClaimedNotice, Parcel, RecipientEnd } from './claimed-notice';
import { NoticeCalls, type ParcelEnd } from './notice-calls.service';
import { NoticeRepository } from './notice.repository';
import { RecipientRepository } from './recipient.repository';

/** Calls of one notice that are under way at the same time; how fast they go is the budget's to say. */
const AT_ONCE = 6;
/** What is left of the allowance is written once a second. */
const ALLOWANCE_EVERY_MS = 1_000;

/**
 * Brings a notice to its recipients, parcel by parcel. Each parcel is written down before its call and settled after it:
 * a second run sends what the first one did not. A message of unknown outcome goes once more, marked, and then to the
 * desk; a card is the same card however often it is made.
 */
@Injectable()
export class NoticeSending {
  constructor(
    private readonly notices: NoticeRepository,
    private readonly recipients: RecipientRepository,
    private readonly calls: NoticeCalls,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * @param stopping no further parcel is begun; what is in the air is waited for
   * @throws whatever lets the notice wait: nothing of it was sent
   */
  async send(notice: ClaimedNotice, stopping: AbortSignal): Promise<void> {
    let obstacle = notice.obstacle;
    while (obstacle === null && (await this.round(notice, stopping)))
      obstacle = (await this.notices.hasAllowance(notice)) ? null : 'quota';
    if (obstacle !== null) await this.recipients.giveUp(notice, obstacle);
  }

  /** A second of calls, or until nobody is due. @returns whether there may be more to send */
  private async round(notice: ClaimedNotice, stopping: AbortSignal): Promise<boolean> {
    const untilMs = this.clock.now() + ALLOWANCE_EVERY_MS;
    const round = { taken: 0, isOver: false };
    // One after the other: side by side they would share the next twenty people, and a call costs the same for fewer.
    let last: Promise<unknown> = Promise.resolve();
    const take = (): Promise<Parcel | null> => {
      const next = last.then(() => this.recipients.take(notice));
      // It only keeps the order: whoever took it is told of the failure.
      last = next.catch(() => undefined);
      return next;
    };
    const line = async (): Promise<void> => {
      while (!round.isOver && !stopping.aborted && this.clock.now() < untilMs) {
        const parcel = await take();
        if (!parcel) return;
        round.taken += 1;
        await this.deliver(notice, parcel);
      }
    };
    const lines = Array.from({ length: AT_ONCE }, () =>
      line().catch((error: unknown) => {
        round.isOver = true;
        throw error;
      }),
    );
    const failed = (await Promise.allSettled(lines)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return round.taken > 0 && !stopping.aborted;
  }

  private async deliver(notice: ClaimedNotice, parcel: Parcel): Promise<void> {
    const end = await this.calls
      .send(notice, parcel)
      .catch((error: unknown) => this.afterFailure(notice, parcel, error));
    if (end) await this.settle(notice, parcel, end);
  }

  private async afterFailure(notice: ClaimedNotice, parcel: Parcel, error: unknown): Promise<void> {
    if (wasNotSent(error)) {
      await this.recipients.putBack(notice, parcel);
      throw error;
    }
    if (!(error instanceof DingTalkError)) throw error;
    const { code } = error;
    this.logger.warn('notice not sent', { noticeId: notice.id, code, error });
    if (error.outcome === 'unknown') return this.afterSilence(notice, parcel);
    if (error instanceof RecipientRejectedError && parcel.recipients.length > 1)
      return this.deliverOneByOne(notice, parcel);
    const reason = error instanceof DingTalkQuotaError ? 'quota' : code;
    await this.settleAll(notice, parcel, { state: stateFor(error), code: reason });
    if (isOfAll(error)) await this.recipients.giveUp(notice, reason);
  }

  /** A text goes once more; after that, and with cards, whose calls were repeated already, operators have to look. */
  private async afterSilence(notice: ClaimedNotice, parcel: Parcel): Promise<void> {
    if (notice.kind !== 'card' && !parcel.isRepeated) await this.recipients.again(notice, parcel);
    else await this.settleAll(notice, parcel, { state: 'unknown', code: 'unknown_outcome' });
  }

  /** The platform refused all for the sake of one: nobody has it yet. */
  private async deliverOneByOne(notice: ClaimedNotice, parcel: Parcel): Promise<void> {
    for (const recipient of parcel.recipients)
      await this.deliver(notice, { ...parcel, recipients: [recipient] });
  }

  private settleAll(
    notice: ClaimedNotice,
    parcel: Parcel,
    end: Omit<RecipientEnd, 'id'>,
  ): Promise<void> {
    const ends = parcel.recipients.map(({ id }) => ({ id, ...end }));
    return this.settle(notice, parcel, { ends, messageKey: null });
  }

  /** What is known to be sent is written down when Postgres is back, or it would go twice. */
  private settle(
    notice: ClaimedNotice,
    parcel: Parcel,
    { ends, messageKey }: ParcelEnd,
  ): Promise<void> {
    return whileAway(this.clock, new AbortController().signal, () =>
      this.recipients.settle(notice, parcel, ends, messageKey),
    );
  }
}

const stateFor = (error: DingTalkError): 'invalid' | 'failed' =>
  error instanceof RecipientRejectedError ? 'invalid' : 'failed';

/** What is wrong with the app is wrong for everybody who still waits. */
const isOfAll = (error: DingTalkError): boolean =>
  [
    CardTemplateError,
    DingTalkCredentialsError,
    DingTalkIpNotAllowedError,
    DingTalkQuotaError,
    DingTalkScopeMissingError,
  ].some((kind) => error instanceof kind);
