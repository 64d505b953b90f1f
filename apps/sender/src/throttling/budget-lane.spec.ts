import { ManualClock, settled } from '@common/testing';

import { BudgetLane } from './budget-lane';
import type { Bucket, CallPurpose } from './send-budget.port';
import type { Slot } from './slots';

const bucket: Bucket = {
  tenantId: 't',
  channelId: 'c',
  clientId: 'ding1',
  path: '/stream',
  callsPerSecond: 10,
};
const never = new AbortController().signal;
const granted = (waitMs: number): Slot => ({
  isGranted: true,
  waitMs,
  takenAtUs: 7,
});

/** A slot every 100 ms; `others` is until when other processes have taken them all. */
function aLane() {
  const clock = new ManualClock(0);
  const asked: string[] = [];
  const state = { freeAtMs: 0 };
  const lane = new BudgetLane(
    bucket,
    {
      take: (_bucket, how) => {
        asked.push(how);
        const waitMs = Math.max(0, state.freeAtMs - clock.now());
        if (how === 'may' && waitMs > 0) return Promise.resolve({ isGranted: false, waitMs });
        state.freeAtMs = clock.now() + waitMs + 100;
        return Promise.resolve(granted(waitMs));
      },
    },
    clock,
  );
  const log: string[] = [];
  const turn = (purpose: CallPurpose, name: string, signal = never): void => {
    void lane
      .turn({ bucket, purpose, flow: name }, signal)
      .then((grant) => log.push(grant ? `${name} at ${clock.now()}` : `${name} not`));
  };
  return { lane, clock, asked, log, turn, state };
}

describe('BudgetLane', () => {
  it('grants at once while there is room, and passes on when the slot was taken', async () => {
    const { lane } = aLane();
    expect(await lane.turn({ bucket, purpose: 'final', flow: 'a' }, never)).toEqual({
      takenAtUs: 7,
      dueAtMs: 0,
    });
    expect(lane.isIdle).toBe(true);
  });

  it('P7 decides who goes when the slot has come, not when it was asked for', async () => {
    const { clock, log, turn } = aLane();
    turn('text', 'first');
    turn('text', 'second');
    await settled();
    turn('final', 'final');
    await clock.pass(500);
    expect(log).toEqual(['first at 0', 'final at 100', 'second at 200']);
  });

  it('asks once per slot, however many wait', async () => {
    const { clock, asked, turn } = aLane();
    for (let n = 0; n < 20; n += 1) turn('final', `call ${n}`);
    await clock.pass(1_000);
    // Slots at 0, 100 … 1,000, and the next one in hand.
    expect(asked).toHaveLength(12);
  });

  it('P7 lets frames go only when nobody waits, here or elsewhere, and does not ask in vain', async () => {
    const { clock, asked, log, turn, state } = aLane();
    state.freeAtMs = 450;
    turn('frame', 'frame');
    await clock.pass(440);
    expect(asked).toEqual(['may']);
    expect(log).toEqual([]);

    await clock.pass(100);
    expect(log).toEqual(['frame at 450']);
  });

  it('P7 lets notices have what is left over by all processes, and a fifth in any case', async () => {
    const { clock, asked, log, turn, state } = aLane();
    turn('notice', 'free');
    await settled();
    expect(log).toEqual(['free at 0']);

    state.freeAtMs = 10_000;
    turn('notice', 'due');
    await clock.pass(490);
    expect(asked).toEqual(['may', 'may']);
    state.freeAtMs = 600;
    await clock.pass(200);
    expect(asked).toEqual(['may', 'may', 'must']);
    expect(log).toEqual(['free at 0', 'due at 600']);
  });

  it('wakes up for a final while a frame waits', async () => {
    const { clock, log, turn, state } = aLane();
    state.freeAtMs = 10_000;
    turn('frame', 'frame');
    await settled();
    state.freeAtMs = 0;
    turn('final', 'final');
    await clock.pass(0);
    expect(log).toEqual(['final at 0']);
  });

  it('P7 late: a slot that came while the process was paused is not used, the next one is', async () => {
    const { clock, log, asked, turn, state } = aLane();
    state.freeAtMs = 200;
    turn('final', 'final');
    await settled();
    clock.jump(2_000);
    await clock.pass(1_000);
    expect(asked).toHaveLength(2);
    expect(log).toEqual(['final at 2000']);
  });

  it('late: a machine that is always late comes to its calls all the same', async () => {
    const clock = new ManualClock(0);
    const slow = {
      take: () => {
        clock.jump(150);
        return Promise.resolve(granted(0));
      },
    };
    const lane = new BudgetLane(bucket, slow, clock);
    expect(await lane.turn({ bucket, purpose: 'final', flow: 'a' }, never)).not.toBeNull();
  });

  it('forgets who withdraws, and leaves no sleeper', async () => {
    const { clock, log, turn, state } = aLane();
    const stop = new AbortController();
    state.freeAtMs = 300;
    turn('final', 'gone', stop.signal);
    turn('final', 'stays');
    await settled();
    stop.abort();
    await clock.pass(1_000);
    expect(log).toEqual(['gone not', 'stays at 300']);
    expect(clock.sleepers.size).toBe(0);
    turn('final', 'late', AbortSignal.abort());
    await settled();
    expect(log.at(-1)).toBe('late not');
  });
});
