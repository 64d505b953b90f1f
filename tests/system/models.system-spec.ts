import { Bot } from './support/bot';
import { Installation } from './support/installation';
import { ModelCall } from './support/model-call';
import { plainAnswerTo } from './support/model-server';

describe('a model behind an OpenAI-compatible endpoint', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    installation = await Installation.start();
    bot = await Bot.join(installation);
  });

  afterAll(() => installation?.stop());

  const reference = /\(reference [0-9a-f]{8}\)$/;

  it('is asked with key, model and instructions', async () => {
    const agents = await installation.admin.call<{ items: { id: string }[] }>('GET', '/agents');
    await installation.admin.change(`/agents/${agents.items[0]?.id ?? ''}`, {
      instructions: 'You are a bell.',
    });

    await bot.answerTo(await bot.person(), 'who are you?');

    const [request] = installation.model.about('who are you?');
    expect(request?.authorization).toMatch(/^Bearer sk-[0-9a-f]{24}$/);
    expect(request?.model).toBe('m');
    expect(request?.messages).toEqual([
      { role: 'system', content: 'You are a bell.' },
      { role: 'user', content: 'who are you?' },
    ]);
  });

  it('has its words shown complete and in order, with emoji cut across packets intact', async () => {
    const text = `🔔 one 👨‍👩‍👧 two 🇩🇪 three 钟 four ${'🔔'.repeat(20)} end`;
    installation.model.on('cut the bytes', async (call) => {
      const bytes = ModelCall.event(JSON.stringify(text));
      for (let at = 0; at < bytes.length; at += 5) await call.segment(bytes.subarray(at, at + 5));
      call.end();
    });

    const { text: shown } = await bot.answerTo(await bot.person(), 'cut the bytes');

    expect(shown).toBe(text);
  });

  it('has emoji intact whose halves come in two deltas', async () => {
    const text = 'halves: 🔔👍 done';
    installation.model.on('cut the characters', async (call) => {
      for (const unit of text.split('')) {
        const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
        await call.segment(ModelCall.event(`"${escaped}"`));
      }
      call.end();
    });

    const { text: shown } = await bot.answerTo(await bot.person(), 'cut the characters');

    expect(shown).toBe(text);
  });

  it('that leaves half an emoji behind is answered with well-formed text', async () => {
    installation.model.on('half a bell', (call) => {
      call.bytes(ModelCall.event('"half: \\ud83d"'));
      call.end();
    });

    const { text } = await bot.answerTo(await bot.person(), 'half a bell');

    expect(text.isWellFormed()).toBe(true);
    expect(text).toMatch(/^half: /);
  });

  it('that rejects the key is told in one sentence, without asking again', async () => {
    installation.model.on('rejected', (call) => call.fail(401, 'Incorrect API key provided: sk-…'));
    const person = await bot.person();

    const reply = await bot.answerTo(person, 'rejected');

    expect(reply.text).toMatch(/^Sorry, the model service rejected the configured key\. .*/);
    expect(reply.text).toMatch(reference);
    expect(installation.model.about('rejected')).toHaveLength(1);
    // Failed turns do not get in the way, nor into the context.
    await bot.answerTo(person, 'and now?');
    expect(JSON.stringify(installation.model.about('and now?'))).not.toContain('Sorry');
  });

  it('that is busy for a moment is asked again', async () => {
    installation.model.on('busy at first', (call) => {
      if (installation.model.about('busy at first').length === 1)
        return call.fail(429, 'slow down');
      call.say(plainAnswerTo('busy at first'));
      call.end();
    });

    const { text } = await bot.answerTo(await bot.person(), 'busy at first');

    expect(text).toBe(plainAnswerTo('busy at first'));
    expect(installation.model.about('busy at first')).toHaveLength(2);
  });

  it.each([
    ['fails', (call: ModelCall) => call.fail(500, 'oops'), 'cannot be reached'],
    ['stays busy', (call: ModelCall) => call.fail(429, 'slow down'), 'too busy'],
    ['does not know the model', (call: ModelCall) => call.fail(404, 'no such model'), 'set up'],
    [
      'breaks off in the middle',
      async (call: ModelCall) => {
        await call.segment(ModelCall.event('"the beginning of"'));
        call.cut();
      },
      'cannot be reached',
    ],
  ])('that %s is told in one sentence', async (what, script, sentence) => {
    installation.model.on(`it ${what}`, script);

    const reply = await bot.answerTo(await bot.person(), `it ${what}`);

    expect(reply.text).toContain(sentence);
    expect(reply.text).toMatch(reference);
  });

  it('that hangs is told in one sentence', async () => {
    // Patience of a second and a half with this model alone: a slow machine is no model that hangs.
    const model = { timeouts: { firstTokenMs: 1_500 } };
    const waiting = await Bot.join(installation, { model });
    installation.model.on('it hangs', () => undefined);

    const reply = await waiting.answerTo(await waiting.person(), 'it hangs');

    expect(reply.text).toContain('took too long');
    expect(reply.text).toMatch(reference);
  });

  it('that is not there at all is told in one sentence', async () => {
    const lost = await Bot.join(installation, { model: { baseUrl: 'http://127.0.0.1:9/v1' } });

    const { text } = await lost.answerTo(await lost.person(), 'hello?');

    expect(text).toMatch(/^Sorry, the model service cannot be reached right now\./);
  });

  it('leaves no open card and breaks no rule of the platform', async () => {
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
