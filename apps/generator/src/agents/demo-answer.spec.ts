import { ManualClock, standIn } from '@common/testing';

import { aQuestion } from '../generation/claimed-turn.fixture';
import { askPerson } from '../tools/ask-person';
import { type Pause, Suspension } from '../tools/suspension';
import type { Toolbox } from '../tools/toolbox.port';
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

describe('a form of the demo agent', () => {
  it('is asked for by name, and its answer is told', async () => {
    const used: string[] = [];
    const tools = standIn<Toolbox>({
      specs: [askPerson.spec],
      use: ({ argumentsJson }) => {
        used.push(argumentsJson);
        return used.length === 1
          ? Promise.reject(new Suspension('call', { question: 'Which?', choices: [] }))
          : Promise.resolve('Both');
      },
    });
    const clock = new ManualClock();
    const agent = new DemoAgent({ now: () => clock.now(), sleep: () => Promise.resolve() });
    const ask = async (pause: Pause | null) => {
      let text = '';
      const question = aQuestion({ history: [user('show me a form')], tools, pause });
      for await (const part of agent.answer(question, new AbortController().signal))
        if ('text' in part) text += part.text;
      return text;
    };

    const suspended = await ask(null).catch((error: unknown) => error);
    expect(suspended).toMatchObject({ pause: { open: [{ name: 'ask_person' }] } });

    expect(await ask((suspended as Suspension).pause)).toContain('Your answer was: **Both**');
    expect(used[1]).toBe(used[0]);
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
