import { anId } from '@common/testing';

import { holdersOf } from './rendezvous';

const members = ['one', 'two', 'three'].map((word) => anId(word));
const channels = Array.from({ length: 3_000 }, (_, n) => anId(`channel ${n}`));

describe('holdersOf', () => {
  it('gives every member about its share', () => {
    for (const member of members) {
      const share = channels.filter((id) => holdersOf(id, members, 1)[0] === member).length;
      expect(share).toBeGreaterThan(900);
      expect(share).toBeLessThan(1_100);
    }
  });

  it('does not depend on the order in which members are named', () => {
    for (const id of channels.slice(0, 50))
      expect(holdersOf(id, [...members].reverse(), 2)).toEqual(holdersOf(id, members, 2));
  });

  it('moves nothing but the share of a member that leaves', () => {
    const [gone = '', ...rest] = members;

    for (const id of channels) {
      const [before, next] = holdersOf(id, members, 2);
      expect(holdersOf(id, rest, 1)[0]).toBe(before === gone ? next : before);
    }
  });

  it('names nobody twice, and nobody when there is nobody', () => {
    expect(holdersOf('c', ['a'], 2)).toEqual(['a']);
    expect(holdersOf('c', [], 1)).toEqual([]);
  });
});
