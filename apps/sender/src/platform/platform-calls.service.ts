import { Injectable } from '@nestjs/common';

import {
  type AppCredentials,
  type CallOptions,
  DingTalkError,
  DingTalkThrottledError,
} from '@common/dingtalk';
import { Clock, fullJitterMs } from '@common/kernel';

import { SenderConfig } from '../sender.config';
import { type Bucket, SendThrottle } from '../throttling/send-throttle.service';
import type { Lease } from './lease';

/** Whose call it is, and the right to make it. */
export interface Caller {
  readonly app: AppCredentials;
  readonly callsPerSecond: number;
  readonly lease: Lease;
  readonly signal: AbortSignal;
}

type Call<T> = (app: AppCredentials, options: CallOptions) => Promise<T>;

/** A throttled call waits and comes again; it had no effect. */
const MAX_THROTTLED = 10;
const MAX_FAILED = 3;

/** Every call to the platform goes through here: throttle → lease → call → what its failure means. */
@Injectable()
export class PlatformCalls {
  constructor(
    private readonly throttle: SendThrottle,
    private readonly config: SenderConfig,
    private readonly clock: Clock,
  ) {}

  /** A call that is harmless to repeat (cards: `outTrackId` and `guid`): unknown outcomes are tried again. */
  repeatable<T>(caller: Caller, path: string, call: Call<T>): Promise<T> {
    return this.insist(caller, path, call, (error) => error.outcome !== 'refused');
  }

  /** A call that a reader would see twice (texts): repeated only when it certainly had no effect. */
  once<T>(caller: Caller, path: string, call: Call<T>): Promise<T> {
    return this.insist(caller, path, call, (error) => error.outcome === 'not_processed');
  }

  /** An intermediate frame: now or not at all. @returns false when the budget says no */
  async ifFree(caller: Caller, path: string, call: Call<unknown>): Promise<boolean> {
    const bucket = this.bucketOf(caller, path);
    if (!(await this.throttle.mayGoNow(bucket))) return false;
    await caller.lease.mustHold();
    try {
      await call(caller.app, this.options(caller));
      return true;
    } catch (error) {
      if (error instanceof DingTalkThrottledError) await this.throttle.pause(bucket, error.afterMs);
      throw error;
    }
  }

  private async insist<T>(
    caller: Caller,
    path: string,
    call: Call<T>,
    mayRepeat: (error: DingTalkError) => boolean,
  ): Promise<T> {
    const bucket = this.bucketOf(caller, path);
    let throttled = 0;
    let failed = 0;
    for (;;) {
      await this.throttle.turn(bucket, caller.signal);
      await caller.lease.mustHold();
      try {
        return await call(caller.app, this.options(caller));
      } catch (error) {
        if (!(error instanceof DingTalkError) || caller.signal.aborted) throw error;
        if (error instanceof DingTalkThrottledError && ++throttled < MAX_THROTTLED) {
          await this.throttle.pause(bucket, error.afterMs);
          continue;
        }
        if (!mayRepeat(error) || ++failed >= MAX_FAILED) throw error;
        await this.clock.sleep(
          200 + fullJitterMs(failed, { baseMs: 500, capMs: 4_000 }),
          caller.signal,
        );
      }
    }
  }

  private bucketOf({ app, callsPerSecond }: Caller, path: string): Bucket {
    return { clientId: app.clientId, path, callsPerSecond };
  }

  private options({ signal }: Caller): CallOptions {
    return { timeoutMs: this.config.SENDER_CALL_TIMEOUT_MS, signal };
  }
}
