import { RateWindow } from './rate-window';
import { Stillness } from './stillness';

function aProcess() {
  const clock = { now: 10_000 };
  const stillness = new Stillness(() => clock.now);
  /** So long with a core of its own. */
  const run = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.now += 10;
      stillness.earliest();
    }
  };
  const stand = (ms: number): void => void (clock.now += ms);
  return { clock, stillness, run, stand };
}

describe('Stillness', () => {
  it('says of what is seen that it came now', () => {
    const { clock, stillness, run } = aProcess();
    run(500);
    expect(stillness.earliest()).toBe(clock.now);
  });

  it('says of what is seen after a standstill that it may have come at its beginning', () => {
    const { clock, stillness, run, stand } = aProcess();
    run(100);
    const fromMs = clock.now;
    stand(1_000);
    expect(stillness.earliest()).toBe(fromMs);
    run(50);
    expect(stillness.earliest()).toBe(fromMs);
    run(10);
    expect(stillness.earliest()).toBe(clock.now);
  });
});

describe('calls per second', () => {
  it('are counted as they may have come, when the process stood still', () => {
    const { clock, stillness, run, stand } = aProcess();
    const window = new RateWindow(1_000);
    const seen = (): boolean => window.admit('key', 20, clock.now, stillness.earliest());
    const atPace = (calls: number): boolean[] =>
      Array.from({ length: calls }, () => {
        run(50);
        return seen();
      });
    expect(atPace(20)).not.toContain(false);
    stand(1_000);
    // What came at its pace meanwhile, and what comes at its pace from now on.
    expect(Array.from({ length: 20 }, seen)).not.toContain(false);
    expect(atPace(20)).not.toContain(false);
  });

  it('are refused when they cannot have come at that pace', () => {
    const { clock, stillness, run, stand } = aProcess();
    const window = new RateWindow(1_000);
    run(100);
    stand(300);
    const seen = (): boolean => window.admit('key', 20, clock.now, stillness.earliest());
    expect(Array.from({ length: 40 }, seen).filter((isIn) => isIn)).toHaveLength(20);
  });
});
