import {
  DingTalkRejectedError,
  DingTalkThrottledError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
} from '@common/dingtalk';
import { HastyClock, standIn } from '@common/testing';

import { aClaimedDelivery, FakeLease } from '../delivery/claimed-delivery.fixture';
import type { SenderConfig } from '../sender.config';
import type { SendThrottle } from '../throttling/send-throttle.service';
import { PlatformCalls } from './platform-calls.service';

const api = { api: '/v1.0/x' };
const rejected = () => new DingTalkRejectedError(api);
const unknown = () => new DingTalkUnknownOutcomeError(api);
const unavailable = () => new DingTalkUnavailableError(api);
const throttled = () => new DingTalkThrottledError(api, 1_500);

function someCalls(failures: (() => Error)[] = [], hasRoom = true) {
  const log: string[] = [];
  const clock = new HastyClock();
  const lease = new FakeLease(() => log.push('lease'));
  const calls = new PlatformCalls(
    standIn<SendThrottle>({
      turn: ({ clientId, path, callsPerSecond }) => {
        log.push(`turn of ${clientId} ${path} ${callsPerSecond}/s`);
        return Promise.resolve();
      },
      mayGoNow: () => Promise.resolve(hasRoom),
      pause: (_bucket, ms) => {
        log.push(`pause ${ms}`);
        return Promise.resolve();
      },
    }),
    standIn<SenderConfig>({ SENDER_CALL_TIMEOUT_MS: 4_000 }),
    clock,
  );
  const call = (): Promise<string> => {
    log.push('call');
    const failure = failures.shift();
    return failure ? Promise.reject(failure()) : Promise.resolve('done');
  };
  const made = () => log.filter((entry) => entry === 'call').length;
  return { calls, log, clock, lease, call, made, caller: aClaimedDelivery({ lease }).caller };
}

describe('PlatformCalls', () => {
  it('P7 waits for the bucket of app and path, then looks at the lease, then calls', async () => {
    const { calls, log, call, caller } = someCalls();

    expect(await calls.once(caller, '/path', call)).toBe('done');
    expect(log).toEqual(['turn of ding1 /path 18/s', 'lease', 'call']);
  });

  it('late: makes no call that could outlive the lease', async () => {
    const { calls, lease, call, made, caller } = someCalls();
    lease.isLost = true;

    await expect(calls.repeatable(caller, '/p', call)).rejects.toMatchObject({
      code: 'lease_lost',
    });
    await expect(calls.ifFree(caller, '/p', call)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(made()).toBe(0);
  });

  it('gives the call the timeout and the signal of its delivery', async () => {
    const { calls, caller } = someCalls();
    let options: unknown;
    await calls.once(caller, '/p', (_app, given) => Promise.resolve((options = given)));
    expect(options).toEqual({ timeoutMs: 4_000, signal: caller.signal });
  });

  it('throttled: pauses the bucket for everybody and comes again', async () => {
    const { calls, log, call, caller } = someCalls([throttled, throttled]);

    expect(await calls.once(caller, '/p', call)).toBe('done');
    expect(log.filter((entry) => entry.startsWith('pause'))).toEqual(['pause 1500', 'pause 1500']);
  });

  it('throttled: gives up at last', async () => {
    const { calls, call, made, caller } = someCalls(Array.from({ length: 50 }, () => throttled));

    await expect(calls.once(caller, '/p', call)).rejects.toThrow(DingTalkThrottledError);
    expect(made()).toBe(10);
  });

  it('repeats an unknown outcome only where a repetition is harmless', async () => {
    const harmless = someCalls([unknown, unknown]);
    expect(await harmless.calls.repeatable(harmless.caller, '/p', harmless.call)).toBe('done');
    expect(harmless.clock.slept).toHaveLength(2);

    const visible = someCalls([unknown]);
    await expect(visible.calls.once(visible.caller, '/p', visible.call)).rejects.toThrow(
      DingTalkUnknownOutcomeError,
    );
    expect(visible.made()).toBe(1);
  });

  it('repeats what was certainly not carried out, three times at most', async () => {
    const { calls, call, made, caller } = someCalls([unavailable, unavailable, unavailable]);

    await expect(calls.once(caller, '/p', call)).rejects.toThrow(DingTalkUnavailableError);
    expect(made()).toBe(3);
  });

  it('takes a no for a no', async () => {
    const { calls, call, made, caller } = someCalls([rejected]);

    await expect(calls.repeatable(caller, '/p', call)).rejects.toThrow(DingTalkRejectedError);
    expect(made()).toBe(1);
  });

  it('does not try again for a process that is to stop', async () => {
    const stop = new AbortController();
    const { calls, log } = someCalls();
    const { caller } = aClaimedDelivery({ signal: stop.signal });

    const call = calls.repeatable(caller, '/p', () => {
      log.push('call');
      stop.abort();
      return Promise.reject(unknown());
    });

    await expect(call).rejects.toThrow(DingTalkUnknownOutcomeError);
    expect(log.filter((entry) => entry === 'call')).toHaveLength(1);
  });

  it('P7 makes an intermediate call now or not at all', async () => {
    const free = someCalls();
    expect(await free.calls.ifFree(free.caller, '/p', free.call)).toBe(true);
    expect(free.log).toEqual(['lease', 'call']);

    const full = someCalls([], false);
    expect(await full.calls.ifFree(full.caller, '/p', full.call)).toBe(false);
    expect(full.made()).toBe(0);
  });

  it('pauses the bucket after a throttled intermediate call, and does not repeat it', async () => {
    const { calls, log, call, made, caller } = someCalls([throttled]);

    await expect(calls.ifFree(caller, '/p', call)).rejects.toThrow(DingTalkThrottledError);
    expect(log).toContain('pause 1500');
    expect(made()).toBe(1);
  });
});
