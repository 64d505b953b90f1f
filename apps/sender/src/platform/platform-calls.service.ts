import { Injectable } from '@nestjs/common';

import {
  type AppCredentials,
  type CallOptions,
  DingTalkClient,
  DingTalkError,
  DingTalkIpBannedError,
  DingTalkQuotaError,
  DingTalkThrottledError,
  IP_BAN_MS,
} from '@common/dingtalk';
import { Clock, fullJitterMs } from '@common/kernel';

import { type Payer, UsageLedger } from '../allowance/usage-ledger.service';
import { SenderConfig } from '../sender.config';
import {
  type Bucket,
  type CallPurpose,
  type Grant,
  SendBudget,
} from '../throttling/send-budget.port';
import { EgressGate } from './egress-gate.service';
import { EgressStoppedError } from './egress-stopped.error';
import type { Lease } from './lease';

/** Whose call it is, and the right to make it. */
export interface Caller extends Payer {
  /** Who shares the app's budget with others: the thread. */
  readonly flow: string;
  readonly app: AppCredentials;
  readonly callsPerSecond: number;
  readonly lease: Lease;
  readonly signal: AbortSignal;
}

/** The API path template, which has a budget of its own, and what the call is for. */
export interface CallKind {
  readonly path: string;
  readonly purpose: CallPurpose;
}

type Call<T> = (app: AppCredentials, options: CallOptions) => Promise<T>;

/** A throttled call waits and comes again; it had no effect. */
const MAX_THROTTLED = 10;
const MAX_FAILED = 3;

/** Every call to the platform goes through here: budget → gate → lease → call → what its failure means. */
@Injectable()
export class PlatformCalls {
  constructor(
    private readonly budget: SendBudget,
    private readonly gate: EgressGate,
    private readonly ledger: UsageLedger,
    private readonly config: SenderConfig,
    private readonly clock: Clock,
    private readonly platform: DingTalkClient,
  ) {}

  /** Whether calls that can be left out should be. */
  isTight({ app }: Caller): boolean {
    return this.budget.isTight(app.clientId);
  }

  /** A call that is harmless to repeat (cards: `outTrackId` and `guid`): unknown outcomes are tried again. */
  repeatable<T>(caller: Caller, kind: CallKind, call: Call<T>): Promise<T> {
    return this.insist(caller, kind, call, (error) => error.outcome !== 'refused');
  }

  /** A call that a reader would see twice (texts): repeated only when it certainly had no effect. */
  once<T>(caller: Caller, kind: CallKind, call: Call<T>): Promise<T> {
    return this.insist(caller, kind, call, (error) => error.outcome === 'not_processed');
  }

  /**
   * An intermediate frame: waits until nobody else wants the slot, and is not repeated.
   * @param wanted aborted when the frame is of no use any more
   * @param call decides what to show only now that it may
   * @returns false when it was not made
   */
  async frame(
    caller: Caller,
    path: string,
    wanted: AbortSignal,
    call: Call<boolean>,
  ): Promise<boolean> {
    if (this.gate.stoppedForMs > 0) return false;
    await this.warm(caller, path, wanted);
    const bucket = bucketOf(caller, path);
    const grant = await this.budget.turn({ bucket, purpose: 'frame', flow: caller.flow }, wanted);
    if (!grant || caller.signal.aborted) return false;
    try {
      return await this.make(caller, bucket, grant, call);
    } catch (error) {
      throw await this.judge(error, caller, bucket, grant);
    }
  }

  private async insist<T>(
    caller: Caller,
    { path, purpose }: CallKind,
    call: Call<T>,
    mayRepeat: (error: DingTalkError) => boolean,
  ): Promise<T> {
    const bucket = bucketOf(caller, path);
    let throttled = 0;
    let failed = 0;
    for (;;) {
      await this.warm(caller, path, caller.signal);
      const grant = await this.budget.turn({ bucket, purpose, flow: caller.flow }, caller.signal);
      try {
        return await this.make(caller, bucket, grant, call);
      } catch (failure) {
        const error = await this.judge(failure, caller, bucket, grant);
        if (!(error instanceof DingTalkError) || caller.signal.aborted) throw error;
        if (error instanceof DingTalkThrottledError && ++throttled < MAX_THROTTLED) {
          // The budget waits for the app; for one flow-controlled person only this call does.
          if (error.of === 'recipient') await this.clock.sleep(error.afterMs, caller.signal);
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

  /** A slot of the budget is for now: what the call needs is there before it is asked for. */
  private async warm({ app }: Caller, path: string, signal: AbortSignal): Promise<void> {
    const timeoutMs = this.config.SENDER_CALL_TIMEOUT_MS;
    if (kindOf(path) === 'api') await this.platform.tokens.warm(app, { timeoutMs, signal });
  }

  private async make<T>(
    caller: Caller,
    bucket: Bucket,
    grant: Grant | null,
    call: Call<T>,
  ): Promise<T> {
    const { lease, app, signal } = caller;
    await this.gate.pass(signal);
    await lease.mustHold();
    if (grant) this.budget.leaves(bucket, grant);
    const used = kindOf(bucket.path) === 'api' ? 'apiCalls' : 'webhookMessages';
    try {
      const result = await call(app, { timeoutMs: this.config.SENDER_CALL_TIMEOUT_MS, signal });
      // A frame that had nothing to show made no call.
      if (result !== false) this.ledger.count(caller, used);
      return result;
    } catch (error) {
      if (isBilled(error)) this.ledger.count(caller, used);
      throw error;
    }
  }

  /** What everybody has to know of a failure. @returns the error to go on with */
  private async judge(
    error: unknown,
    caller: Caller,
    bucket: Bucket,
    grant: Grant | null,
  ): Promise<unknown> {
    if (error instanceof DingTalkIpBannedError) {
      // Another platform's ban is no reason to stop calls to ours.
      if (!caller.app.endpoint) await this.gate.ban();
      return new EgressStoppedError(IP_BAN_MS);
    }
    if (error instanceof DingTalkQuotaError) await this.ledger.refused(caller, kindOf(bucket.path));
    if (error instanceof DingTalkThrottledError && error.of === 'app' && grant)
      await this.budget.tooFast(bucket, grant, error.afterMs);
    return error;
  }
}

/** Stands for the URL, which is a secret; the only calls that are messages and not API calls. */
export const SESSION_WEBHOOK = 'sessionWebhook';
const kindOf = (path: string): 'api' | 'message' => (path === SESSION_WEBHOOK ? 'message' : 'api');

/** Calls that were throttled, refused for want of allowance or never arrived are not counted (messaging reference §7.2). */
const isBilled = (error: unknown): boolean =>
  error instanceof DingTalkError &&
  error.outcome !== 'not_processed' &&
  !(error instanceof DingTalkThrottledError) &&
  !(error instanceof DingTalkQuotaError) &&
  !(error instanceof DingTalkIpBannedError);

const bucketOf = ({ tenantId, channelId, app, callsPerSecond }: Caller, path: string): Bucket => ({
  tenantId,
  channelId,
  clientId: app.clientId,
  path,
  callsPerSecond,
});
