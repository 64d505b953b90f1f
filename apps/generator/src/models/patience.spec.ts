import { Patience } from './patience';

// Patience measures with the timers of Node, so these are what stands still here.
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const outer = (): AbortController => new AbortController();
const limits = { totalMs: 1_000, firstMs: 300, silenceMs: 250 };

describe('Patience', () => {
  it('ends a call that says nothing for too long', () => {
    const patience = new Patience(outer().signal, limits);
    jest.advanceTimersByTime(299);
    expect(patience.signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(patience.signal.aborted).toBe(true);
    expect(patience.isOver).toBe(true);
  });

  it('begins anew with every sign of life, but not for ever', () => {
    const patience = new Patience(outer().signal, limits);
    for (let n = 0; n < 4; n += 1) {
      jest.advanceTimersByTime(240);
      patience.heard();
    }
    expect(patience.signal.aborted).toBe(false);
    jest.advanceTimersByTime(40);
    expect(patience.isOver).toBe(true);
  });

  it('waits longer for the first word than for the next', () => {
    const patience = new Patience(outer().signal, limits);
    jest.advanceTimersByTime(299);
    patience.heard();
    jest.advanceTimersByTime(249);
    expect(patience.isOver).toBe(false);
    jest.advanceTimersByTime(1);
    expect(patience.isOver).toBe(true);
  });

  it("ends with the caller's reason, which is not its own", () => {
    const caller = outer();
    const patience = new Patience(caller.signal, limits);
    caller.abort(new Error('stop'));
    expect(patience.signal.reason).toEqual(new Error('stop'));
    expect(patience.isOver).toBe(false);
  });

  it('is over at once for a caller who has given up before', () => {
    expect(new Patience(AbortSignal.abort(), limits).signal.aborted).toBe(true);
  });

  it('leaves no timer and no listener behind', () => {
    const caller = outer();
    const patience = new Patience(caller.signal, limits);
    patience.end();
    caller.abort();
    expect(jest.getTimerCount()).toBe(0);
    expect(patience.signal.aborted).toBe(false);
  });
});
