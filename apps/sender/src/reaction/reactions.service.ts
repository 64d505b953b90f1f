import { Injectable } from '@nestjs/common';

import {
  type AppCredentials,
  type CallOptions,
  DingTalkClient,
  DingTalkError,
  type ReactedMessage,
  Reactions as ReactionsClient,
} from '@common/dingtalk';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { type Caller, PlatformCalls } from '../platform/platform-calls.service';
import { ReactionRefusals } from './reaction-refusals.repository';

/** Waits before each try (messaging reference §5.7): the platform may not find a message that came just now. */
const ATTACH_AFTER_MS = [0, 400, 1_200];
const RECALL_AFTER_MS = [0, 1_500, 5_000];
/** What a sender that stops gives to calls under way. */
const STOP_MS = 1_000;

interface Step {
  readonly path: string;
  readonly waitsMs: readonly number[];
  readonly call: (app: AppCredentials, to: ReactedMessage, options: CallOptions) => Promise<void>;
}
/** `none`: no call was made, or the platform said no. */
type Trace = 'none' | 'perhaps' | 'refused';

/** The reaction to one question, as its delivery sees it. Neither waits, neither throws. */
export interface Reaction {
  /** The answer is there. */
  takeAway(): void;
  /** Not ours any more: whoever goes on with the delivery takes it away. After `takeAway` this does nothing. */
  leave(): void;
}

/**
 * "Thinking" on the question while its answer is on its way. It costs no answer anything: it has the lowest place in the
 * budget, is left out while the budget is tight, and no failure of it reaches the delivery.
 *
 * Safe to run twice: attaching and taking away can be repeated, and whoever goes on with a delivery takes away what an
 * earlier attempt may have attached. A sender that is killed between the end of a delivery and this call leaves it there.
 */
@Injectable()
export class Reactions {
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly attachStep: Step;
  private readonly recallStep: Step;

  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly refusals: ReactionRefusals,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.attachStep = {
      path: ReactionsClient.attachPath,
      waitsMs: ATTACH_AFTER_MS,
      call: (...args) => this.platform.reactions.attach(...args),
    };
    this.recallStep = {
      path: ReactionsClient.recallPath,
      waitsMs: RECALL_AFTER_MS,
      call: (...args) => this.platform.reactions.recall(...args),
    };
  }

  begin(delivery: ClaimedDelivery): Reaction {
    const { reactTo, target } = delivery;
    if (reactTo === null) return { takeAway: () => undefined, leave: () => undefined };
    const over = new AbortController();
    const { robotCode, conversationId } = target;
    const message = { robotCode, conversationId, messageId: reactTo };
    const attached = this.attach(delivery, message, over.signal);
    this.keep(attached.then(() => undefined));
    return {
      takeAway: () => {
        over.abort();
        this.keep(attached.then((trace) => this.takeAway(delivery, message, trace)));
      },
      leave: () => over.abort(),
    };
  }

  /** Lets what is under way come to its end, for a moment; nothing new begins. */
  async stop(): Promise<void> {
    const settled = new AbortController();
    const all = Promise.all(this.underWay).then(() => settled.abort());
    await Promise.race([all, this.clock.sleep(STOP_MS, settled.signal)]);
    this.stopping.abort();
    await Promise.all(this.underWay);
  }

  private attach(
    delivery: ClaimedDelivery,
    message: ReactedMessage,
    wanted: AbortSignal,
  ): Promise<Trace> {
    const isSeen = delivery.cardState !== null && delivery.cardState !== 'creating';
    if (isSeen || this.calls.isTight(delivery.caller)) return Promise.resolve('none');
    return this.take(delivery, this.attachStep, message, wanted);
  }

  private async takeAway(
    delivery: ClaimedDelivery,
    message: ReactedMessage,
    trace: Trace,
  ): Promise<void> {
    const isThere = trace === 'perhaps' || (trace === 'none' && delivery.attempt > 1);
    if (isThere) await this.take(delivery, this.recallStep, message, this.stopping.signal);
  }

  /** @param wanted aborted when it is of no use any more; a call that has begun is not cut off */
  private async take(
    delivery: ClaimedDelivery,
    { path, waitsMs, call }: Step,
    message: ReactedMessage,
    wanted: AbortSignal,
  ): Promise<Trace> {
    let trace: Trace = 'none';
    const signal = AbortSignal.any([wanted, this.stopping.signal]);
    // The delivery's own signal cuts calls off, and is no one's any more once the delivery has ended.
    const caller: Caller = { ...delivery.caller, signal: this.stopping.signal };
    for (const waitMs of waitsMs) {
      await this.clock.sleep(waitMs, signal);
      if (signal.aborted) return trace;
      try {
        await this.calls.frame(caller, path, signal, async (app, options) => {
          trace = 'perhaps';
          await call(app, message, options);
          return true;
        });
        return trace;
      } catch (error) {
        if (!isWorthAnother(error)) return this.noteFailure(delivery, path, error);
      }
    }
    return trace;
  }

  private async noteFailure(
    delivery: ClaimedDelivery,
    path: string,
    error: unknown,
  ): Promise<Trace> {
    this.logger.debug('no reaction', { deliveryId: delivery.id, path, error });
    if (!(error instanceof DingTalkError) || error.outcome !== 'refused') return 'perhaps';
    if (error.retry !== 'never') return 'none';
    // A message that the asker took back meanwhile is refused, too: only attaching tells of the channel.
    if (path === ReactionsClient.attachPath)
      try {
        await this.refusals.remember(delivery, error);
      } catch (failure) {
        this.logger.warn('refused reactions not kept', { deliveryId: delivery.id, error: failure });
      }
    return 'refused';
  }

  private keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => this.logger.warn('reaction failed', { error }))
      .finally(() => this.underWay.delete(kept));
    this.underWay.add(kept);
  }
}

/** Busy, not found yet, or unknown: both calls may be repeated. */
const isWorthAnother = (error: unknown): boolean =>
  error instanceof DingTalkError && error.outcome !== 'refused';
