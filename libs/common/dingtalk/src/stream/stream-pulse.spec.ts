import { ManualClock } from './manual-clock.fixture';
import { StreamPulse } from './stream-pulse';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('StreamPulse', () => {
  const aPulse = () => {
    const clock = new ManualClock();
    const pulse = new StreamPulse(clock, 10_000);
    const beats: string[] = [];
    const one = (name: string, pauses: number[]) => ({
      beat: () => {
        beats.push(`${name} ${clock.now() - 1_000_000}`);
        return pauses.shift() ?? 0;
      },
    });
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(100);
        await settled();
      }
    };
    return { clock, pulse, beats, one, pass };
  };

  it('asks each after its own pause, up to a twentieth of it late, until it wants no more', async () => {
    const { clock, pulse, beats, one, pass } = aPulse();
    pulse.add(one('a', [1, 0.5, 0]));
    await pass(300);
    pulse.add(one('b', [1, 0]));
    await pass(40_000);

    expect(beats).toEqual(['a 10000', 'b 10500', 'a 20000', 'b 20500', 'a 25000']);
    expect(clock.sleepers.size).toBe(0);
  });

  it('has one timer for all, and none when nobody is left', async () => {
    const { clock, pulse, beats, one, pass } = aPulse();
    const many = Array.from({ length: 100 }, (_, n) => one(`${n}`, []));
    many.forEach((each) => pulse.add(each));
    expect(clock.sleepers.size).toBe(1);
    many.forEach((each) => pulse.remove(each));
    await settled();
    expect(clock.sleepers.size).toBe(0);

    pulse.add(one('again', [1]));
    await pass(10_000);
    expect(beats).toEqual(['again 10000']);
    expect(clock.sleepers.size).toBe(1);
  });
});
