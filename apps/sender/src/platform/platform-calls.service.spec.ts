import {
  type DingTalkClient,
  DingTalkIpBannedError,
  DingTalkQuotaError,
  DingTalkRejectedError,
  DingTalkThrottledError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
} from '@common/dingtalk';
import { HastyClock, standIn } from '@common/testing';

import { aClaimedDelivery, FakeLease } from '../delivery/claimed-delivery.fixture';
import type { SenderConfig } from '../sender.config';
import { FakeLedger } from '../allowance/fake-ledger.fixture';
import { FakeBudget } from '../throttling/fake-budget.fixture';
import type { EgressGate } from './egress-gate.service';
import { type CallKind, PlatformCalls } from './platform-calls.service';

const api = { api: '/v1.0/x' };
const rejected = () => new DingTalkRejectedError(api);
const unknown = () => new DingTalkUnknownOutcomeError(api);
const unavailable = () => new DingTalkUnavailableError(api);
const throttled = () => new DingTalkThrottledError(api, 1_500);

const banned = () => new DingTalkIpBannedError(api);
const kind: CallKind = { path: '/p', purpose: 'text' };
const wanted = new AbortController().signal;

function someCalls(failures: (() => Error)[] = []) {
  const log: string[] = [];
  const clock = new HastyClock();
  const lease = new FakeLease(() => log.push('lease'));
  const budget = new FakeBudget(({ bucket, purpose, flow }) => {
    const { clientId, path, callsPerSecond } = bucket;
    log.push(`turn of ${clientId} ${path} ${callsPerSecond}/s for ${purpose} of ${flow}`);
    return Promise.resolve();
  });
  const ledger = new FakeLedger();
  const gate = {
    stoppedForMs: 0,
    pass: () => Promise.resolve(void log.push('gate')),
    ban: () => Promise.resolve(void log.push('ban')),
  };
  const tokens = standIn<DingTalkClient['tokens']>({
    warm: () => Promise.resolve(void log.push('token')),
  });
  const calls = new PlatformCalls(
    budget,
    standIn<EgressGate>(gate),
    ledger.ledger,
    standIn<SenderConfig>({ SENDER_CALL_TIMEOUT_MS: 4_000 }),
    clock,
    standIn<DingTalkClient>({ tokens }),
  );
  const call = (): Promise<string> => {
    log.push('call');
    const failure = failures.shift();
    return failure ? Promise.reject(failure()) : Promise.resolve('done');
  };
  const frame = (): Promise<boolean> => call().then(() => true);
  const made = () => log.filter((entry) => entry === 'call').length;
  const { caller } = aClaimedDelivery({ lease });
  return { calls, log, budget, gate, ledger, clock, lease, call, frame, made, caller };
}

describe('PlatformCalls', () => {
  it('P7 fetches a token, waits for its turn at app and path, then passes the gate, then looks at the lease, then calls', async () => {
    const { calls, log, budget, call, caller } = someCalls();

    expect(await calls.once(caller, kind, call)).toBe('done');
    expect(budget.left).toEqual([{ path: '/p', grant: { takenAtUs: 1, dueAtMs: 0 } }]);
    expect(log).toEqual([
      'token',
      'turn of ding1 /p 18/s for text of thread-1',
      'gate',
      'lease',
      'call',
    ]);
  });

  it('late: makes no call that could outlive the lease', async () => {
    const { calls, lease, budget, call, frame, made, caller } = someCalls();
    lease.isLost = true;

    await expect(calls.repeatable(caller, kind, call)).rejects.toMatchObject({
      code: 'lease_lost',
    });
    await expect(calls.frame(caller, '/p', wanted, frame)).rejects.toMatchObject({
      code: 'lease_lost',
    });
    expect(made()).toBe(0);
    expect(budget.left).toEqual([]);
  });

  it('gives the call the timeout and the signal of its delivery', async () => {
    const { calls, caller } = someCalls();
    let options: unknown;
    await calls.once(caller, kind, (_app, given) => Promise.resolve((options = given)));
    expect(options).toEqual({ timeoutMs: 4_000, signal: caller.signal });
  });

  it('throttled: pauses the bucket for everybody and comes again', async () => {
    const { calls, budget, call, caller } = someCalls([throttled, throttled]);

    expect(await calls.once(caller, kind, call)).toBe('done');
    expect(budget.pauses).toEqual([1_500, 1_500]);
  });

  it('throttled: gives up at last', async () => {
    const { calls, call, made, caller } = someCalls(Array.from({ length: 50 }, () => throttled));

    await expect(calls.once(caller, kind, call)).rejects.toThrow(DingTalkThrottledError);
    expect(made()).toBe(10);
  });

  it('repeats an unknown outcome only where a repetition is harmless', async () => {
    const harmless = someCalls([unknown, unknown]);
    expect(await harmless.calls.repeatable(harmless.caller, kind, harmless.call)).toBe('done');
    expect(harmless.clock.slept).toHaveLength(2);

    const visible = someCalls([unknown]);
    await expect(visible.calls.once(visible.caller, kind, visible.call)).rejects.toThrow(
      DingTalkUnknownOutcomeError,
    );
    expect(visible.made()).toBe(1);
  });

  it('repeats what was certainly not carried out, three times at most', async () => {
    const { calls, call, made, caller } = someCalls([unavailable, unavailable, unavailable]);

    await expect(calls.once(caller, kind, call)).rejects.toThrow(DingTalkUnavailableError);
    expect(made()).toBe(3);
  });

  it('takes a no for a no', async () => {
    const { calls, call, made, caller } = someCalls([rejected]);

    await expect(calls.repeatable(caller, kind, call)).rejects.toThrow(DingTalkRejectedError);
    expect(made()).toBe(1);
  });

  it('does not try again for a process that is to stop', async () => {
    const stop = new AbortController();
    const { calls, log } = someCalls();
    const { caller } = aClaimedDelivery({ signal: stop.signal });

    const call = calls.repeatable(caller, kind, () => {
      log.push('call');
      stop.abort();
      return Promise.reject(unknown());
    });

    await expect(call).rejects.toThrow(DingTalkUnknownOutcomeError);
    expect(log.filter((entry) => entry === 'call')).toHaveLength(1);
  });

  it('P7 waits with a frame until nobody else wants the slot, and makes it once', async () => {
    const { calls, log, frame, caller } = someCalls();
    expect(await calls.frame(caller, '/p', wanted, frame)).toBe(true);
    expect(log.slice(0, 2)).toEqual(['token', 'turn of ding1 /p 18/s for frame of thread-1']);

    const { calls: late, frame: again, made } = someCalls();
    expect(await late.frame(caller, '/p', AbortSignal.abort(), again)).toBe(false);
    expect(made()).toBe(0);
  });

  it('pauses the bucket after a throttled frame, and does not repeat it', async () => {
    const { calls, budget, frame, made, caller } = someCalls([throttled]);

    await expect(calls.frame(caller, '/p', wanted, frame)).rejects.toThrow(DingTalkThrottledError);
    expect(budget.pauses).toEqual([1_500]);
    expect(made()).toBe(1);
  });

  it('C63 waits for one flow-controlled person without holding up the app', async () => {
    const { calls, budget, clock, call, caller } = someCalls([
      () => new DingTalkThrottledError(api, 5_000, 'recipient'),
    ]);

    expect(await calls.once(caller, kind, call)).toBe('done');
    expect(budget.pauses).toEqual([]);
    expect(clock.slept).toEqual([5_000]);
  });

  it('C67 stops all calls when the address is banned, and says when to come again', async () => {
    const { calls, log, call, frame, made, caller, gate } = someCalls([banned]);

    await expect(calls.repeatable(caller, kind, call)).rejects.toMatchObject({
      code: 'egress_stopped',
      retry: { afterMs: 300_000 },
    });
    expect(log.at(-1)).toBe('ban');
    expect(made()).toBe(1);

    gate.stoppedForMs = 300_000;
    expect(await calls.frame(caller, '/p', wanted, frame)).toBe(false);
  });

  it('P7 counts what the platform counts: not what it throttled, nor what never arrived', async () => {
    const { calls, ledger, call, frame, caller } = someCalls([
      throttled,
      unavailable,
      () => unknown(),
    ]);
    await calls.repeatable(caller, kind, call);
    expect(ledger.counted).toEqual(['apiCalls', 'apiCalls']);

    await calls.frame(caller, '/p', wanted, () => Promise.resolve(false));
    await calls.once(caller, { path: 'sessionWebhook', purpose: 'text' }, frame);
    expect(ledger.counted.slice(2)).toEqual(['webhookMessages']);
  });

  it.each([
    ['/p', 'api'],
    ['sessionWebhook', 'message'],
  ])('C66 opens the circuit when the allowance behind %s is used up', async (path, of) => {
    const { calls, ledger, call, made, caller } = someCalls([() => new DingTalkQuotaError(api)]);
    await expect(calls.repeatable(caller, { path, purpose: 'final' }, call)).rejects.toMatchObject({
      code: 'dingtalk_quota',
    });
    expect(made()).toBe(1);
    expect(ledger).toMatchObject({ refusals: [of], counted: [] });
  });
});
