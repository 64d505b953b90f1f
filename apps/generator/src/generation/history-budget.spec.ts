import { withinBudget } from './history-budget';

const user = (text: string) => ({ role: 'user' as const, text });
const bot = (text: string) => ({ role: 'assistant' as const, text });

describe('withinBudget', () => {
  it('keeps a short history whole', () => {
    const history = [user('a'), bot('b'), user('c')];
    expect(withinBudget(history, 10)).toEqual(history);
  });

  it('drops the oldest first', () => {
    expect(withinBudget([user('old'), bot('old'), user('new'), bot('new'), user('?')], 6)).toEqual([
      user('new'),
      bot('new'),
      user('?'),
    ]);
  });

  it('keeps the question however long it is, and counts it not', () => {
    const question = user('x'.repeat(100));
    expect(withinBudget([user('a'), bot('b'), question], 2)).toEqual([
      user('a'),
      bot('b'),
      question,
    ]);
    expect(withinBudget([user('aaa'), question], 2)).toEqual([question]);
  });

  it('begins with words of a person', () => {
    expect(withinBudget([user('too long'), bot('b'), user('?')], 2)).toEqual([user('?')]);
  });

  it('leaves no hole: what is older than a dropped message is dropped too', () => {
    expect(withinBudget([user('a'), bot('too long'), user('?')], 3)).toEqual([user('?')]);
  });

  it('takes an empty history as it is', () => {
    expect(withinBudget([])).toEqual([]);
  });
});
