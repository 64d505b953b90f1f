import { roomOf, withinRoom } from './window';

const say = (role: 'user' | 'assistant', words: number, n: number) => ({
  role,
  text: `${n} ${'word '.repeat(words)}`,
});
const talk = (turns: number, words: number) =>
  Array.from({ length: turns }, (_, n) => [say('user', words, n), say('assistant', words, n)])
    .flat()
    .concat(say('user', 1, 99));

describe('withinRoom', () => {
  it('keeps everything that fits', () => {
    const history = talk(3, 5);
    expect(withinRoom(history, 1_000).kept).toEqual(history);
  });

  it('keeps the newest, beginning with a person’s words, within the room', () => {
    const { kept, used } = withinRoom(talk(20, 50), 500);
    expect(used).toBeLessThanOrEqual(500);
    expect(kept[0]?.role).toBe('user');
    expect(kept.at(-1)?.text).toMatch(/^99/);
    expect(kept.length).toBeGreaterThan(3);
  });

  it('keeps the question whatever its length', () => {
    const question = say('user', 10_000, 1);
    expect(withinRoom([...talk(2, 5), question], 100).kept).toEqual([question]);
  });
});

describe('roomOf', () => {
  it.each([
    [null, 12_000],
    [8_000, 6_000],
    [200_000, 191_808],
  ])('leaves space for the answer in %j tokens', (contextTokens, room) => {
    expect(roomOf({ contextTokens })).toBe(room);
  });
});
