import { ManualClock } from '@common/testing';

import { aQuestion } from '../generation/claimed-turn.fixture';
import { DemoAgent } from './demo-agent';
import { demoAnswer, piecesOf } from './demo-answer';

const user = (text: string) => ({ role: 'user' as const, text });

describe('demoAnswer', () => {
  it.each([
    ['What time is it?', 'This is the demo agent'],
    ['现在几点？', '这是演示智能体'],
  ])('says in the language of %j that it is a demo', (question, admission) => {
    expect(demoAnswer([user(question)])).toContain(admission);
  });

  it('shows that it remembers what was said before', () => {
    const answer = demoAnswer([
      user('My name is Ada.'),
      { role: 'assistant', text: 'Hello' },
      user('And yours?'),
    ]);
    expect(answer).toContain('“My name is Ada.”');
    expect(demoAnswer([user('And yours?')])).toContain('first of this conversation');
  });

  it('P10 quotes a question as one line that is no Markdown', () => {
    const answer = demoAnswer([user('# <b>a\n```\nb | c')]);
    expect(answer).toContain('> \\# \\<b\\>a \\`\\`\\` b \\| c\n');
  });

  it('cuts a long question', () => {
    expect(demoAnswer([user('x'.repeat(10_000))]).length).toBeLessThan(1_500);
  });
});

describe('piecesOf', () => {
  it.each([[''], ['hi'], ['x'.repeat(999)], ['汉字'.repeat(1_000)], [demoAnswer([user('hi?')])]])(
    'cuts %# into at most twenty pieces and loses nothing',
    (text) => {
      const pieces = piecesOf(text);
      expect(pieces.length).toBeLessThanOrEqual(20);
      expect(pieces.join('')).toBe(text);
    },
  );

  it('cuts no character in two', () => {
    for (const piece of piecesOf('😀'.repeat(101))) expect(piece.isWellFormed()).toBe(true);
  });
});

describe('DemoAgent', () => {
  it('says its pieces one after the other', async () => {
    const clock = new ManualClock();
    const said: unknown[] = [];
    const done = (async () => {
      for await (const part of new DemoAgent(clock).answer(
        aQuestion(),
        new AbortController().signal,
      ))
        said.push(part);
    })();

    await clock.pass(1);
    expect(said).toHaveLength(1);
    await clock.pass(60_000);
    await done;

    expect(said.length).toBeGreaterThan(10);
  });

  it('stops when it is interrupted', async () => {
    const stop = new AbortController();
    const said: unknown[] = [];
    const clock = new ManualClock();
    const done = (async () => {
      for await (const part of new DemoAgent(clock).answer(aQuestion(), stop.signal))
        said.push(part);
    })();
    await clock.pass(1);

    stop.abort(new Error('enough'));

    await expect(done).rejects.toThrow('enough');
    expect(said).toHaveLength(1);
  });
});
