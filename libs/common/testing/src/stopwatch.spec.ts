import { Stopwatch, timed } from './stopwatch';

/** A process whose time passes as it is told. */
class Passing {
  wall = 1_000;
  computed = 50;
  readonly wallMs = () => this.wall;
  readonly epochMs = () => 1_000_000 + this.wall;
  readonly computedMs = () => this.computed;

  pass(wallMs: number, computedMs = 0): void {
    this.wall += wallMs;
    this.computed += computedMs;
  }
}

function aWatch() {
  const time = new Passing();
  const watch = new Stopwatch(time);
  // The spec looks in the watch's place.
  watch.stop();
  return { time, watch };
}

describe('Stopwatch', () => {
  it('counts the time that is spent waiting for others', () => {
    const { time, watch } = aWatch();
    for (let n = 0; n < 100; n += 1) {
      time.pass(11);
      expect(watch.elapsedMs).toBe(11 * (n + 1));
    }
  });

  it('stands still while the machine does', () => {
    const { time, watch } = aWatch();
    time.pass(10);
    expect(watch.elapsedMs).toBe(10);
    time.pass(2_000);
    expect(watch.elapsedMs).toBe(30);
    time.pass(10);
    expect(watch.elapsedMs).toBe(40);
    expect(watch.stoodStillMs).toBe(1_980);
    const standstill = [1_001_030, 1_003_010] as const;
    expect(watch.stoodStillBetween(...standstill)).toBe(1_980);
    expect(watch.stoodStillBetween(standstill[0] + 500, standstill[1] + 500)).toBe(1_480);
    expect(watch.stoodStillBetween(0, standstill[0])).toBe(0);
  });

  it('counts what the process computes itself, however long nobody else comes to anything', () => {
    const { time, watch } = aWatch();
    time.pass(3_000, 2_500);
    expect(watch.elapsedMs).toBe(2_500);
  });

  it('never counts more than there was, though several threads computed', () => {
    const { time, watch } = aWatch();
    time.pass(100, 180);
    expect(watch.elapsedMs).toBe(100);
  });

  it('ticks by itself in a process that waits', async () => {
    const { value, tookMs } = await timed(async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return 'done';
    });
    expect(value).toBe('done');
    // More than the one look at its end would count.
    expect(tookMs).toBeGreaterThan(20);
  });
});
