import { ManualClock } from '@common/testing';

import { OpeningPace } from './opening-pace';

const ids = (count: number, word = 'channel'): string[] =>
  Array.from({ length: count }, (_, n) => `${word} ${n}`);

function aPace(random = 1) {
  const clock = new ManualClock();
  return { clock, pace: new OpeningPace(clock, () => random) };
}

describe('OpeningPace', () => {
  it('admits fifty at a time; the others follow in their order, one for each that is over', () => {
    const { pace } = aPace();
    const all = ids(60);

    expect(all.filter((id) => pace.admit(id))).toEqual(all.slice(0, 50));
    expect(pace.takeNext()).toEqual([]);
    ['channel 3', 'channel 4', 'channel 4'].forEach((id) => pace.over(id));

    expect(pace.takeNext()).toEqual(['channel 50', 'channel 51']);
  });

  it('gives the room of one that was named but does not come to the next', () => {
    const { pace } = aPace();
    ids(52).forEach((id) => pace.admit(id));

    pace.over('channel 0');
    expect(pace.takeNext()).toEqual(['channel 50']);
    pace.over('channel 1');

    expect(pace.takeNext()).toEqual(['channel 51']);
  });

  it('P10 counts those no more whose platform hangs', () => {
    const { pace, clock } = aPace();
    ids(50, 'hanging').forEach((id) => pace.admit(id));
    expect(pace.admit('other')).toBe(false);

    clock.jump(3_000);

    expect(pace.admit('other')).toBe(true);
  });

  it('spreads many a little, and lets one alone go at once', () => {
    const { pace } = aPace(0.5);
    pace.admit('alone');
    expect(pace.jitterMs).toBe(0);

    ids(49).forEach((id) => pace.admit(id));

    expect(pace.jitterMs).toBe(98);
  });
});
