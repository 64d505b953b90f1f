import { Bot } from './support/bot';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

describe('a conversation', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    installation = await Installation.start();
    bot = await Bot.join(installation);
  });

  afterAll(() => installation?.stop());

  /** Everything the model was sent with this question, as one text. */
  const contextOf = (question: string): string => {
    const requests = installation.model.about(question);
    expect(requests).toHaveLength(1);
    return JSON.stringify(requests[0]?.messages);
  };

  it('P6 is remembered: the next question of the same person comes with what was said', async () => {
    const person = await bot.person();
    await bot.answerTo(person, 'my dog is called Rex');
    await bot.answerTo(person, 'what is it called?');

    const messages = installation.model.about('what is it called?')[0]?.messages;
    expect(messages?.filter(({ role }) => role !== 'system')).toEqual([
      { role: 'user', content: 'my dog is called Rex' },
      { role: 'assistant', content: plainAnswerTo('my dog is called Rex') },
      { role: 'user', content: 'what is it called?' },
    ]);
  });

  it('P6 of two members of one group is two contexts', async () => {
    const [anna, ben] = [await bot.person(), await bot.person()];
    const groupId = await bot.group([anna, ben]);
    await bot.answerTo(anna, 'annas secret is tulip', { groupId });
    await bot.answerTo(ben, 'bens secret is walnut', { groupId });
    await bot.answerTo(anna, 'what did anna say', { groupId });
    await bot.answerTo(ben, 'what did ben say', { groupId });

    expect(contextOf('what did anna say')).toContain('tulip');
    expect(contextOf('what did anna say')).not.toContain('walnut');
    expect(contextOf('what did ben say')).toContain('walnut');
    expect(contextOf('what did ben say')).not.toContain('tulip');
  });

  it('P6 of one person in a group, in 1:1 and with another bot is three contexts', async () => {
    const [person, other] = [await bot.person(), await Bot.join(installation)];
    const groupId = await bot.group([person]);
    await bot.answerTo(person, 'in the group I said heron', { groupId });
    await bot.answerTo(person, 'alone I said falcon');
    await other.answerTo(person, 'to the other bot I said osprey');
    await bot.answerTo(person, 'repeat it in the group', { groupId });
    await bot.answerTo(person, 'repeat it alone');
    await other.answerTo(person, 'repeat it there');

    const birds = (question: string) =>
      ['heron', 'falcon', 'osprey'].filter((bird) => contextOf(question).includes(bird));
    expect(birds('repeat it in the group')).toEqual(['heron']);
    expect(birds('repeat it alone')).toEqual(['falcon']);
    expect(birds('repeat it there')).toEqual(['osprey']);
  });

  it('starts anew with /new', async () => {
    const person = await bot.person();
    await bot.answerTo(person, 'the code word is marmalade');
    const confirmation = await bot.answerTo(person, '/new');
    const { text } = await bot.answerTo(person, 'which code word?');

    expect(confirmation.text).toBe('Done: this is a new conversation.');
    expect(text).toBe(plainAnswerTo('which code word?'));
    expect(contextOf('which code word?')).not.toContain('marmalade');
  });

  it('explains itself with /help, without asking the model', async () => {
    const person = await bot.person();
    const asked = installation.model.requests.length;

    const reply = await bot.answerTo(person, '/help');

    expect(reply.text).toContain('`/new`');
    expect(installation.model.requests).toHaveLength(asked);
  });

  it('P3 answers ten quick messages of one person in their order, one at a time', async () => {
    const person = await bot.person();
    let running = 0;
    let most = 0;
    installation.model.on('quick question', async (call) => {
      most = Math.max(most, ++running);
      await call.slowly(['The answer ', `to ${call.request.question}.`], 60);
      running -= 1;
    });
    const questions = Array.from({ length: 10 }, (_, n) => `quick question ${n}`);

    const asked = [];
    for (const question of questions) asked.push(await bot.ask(person, question));
    const replies = await bot.untilReplies(asked[0]?.conversationId ?? '', 10);

    expect(replies.map(({ text }) => text)).toEqual(
      questions.map((question) => `The answer to ${question}.`),
    );
    expect(installation.model.about('quick question').map(({ question }) => question)).toEqual(
      questions,
    );
    expect(most).toBe(1);
  });

  it('P3 does not wait for another one', async () => {
    const [patient, quick] = [await bot.person(), await bot.person()];
    const held = installation.model.hold('take your time');
    const asked = await bot.ask(patient, 'take your time');
    await held.asked();

    const { text } = await bot.answerTo(quick, 'quickly please');

    expect(text).toBe(plainAnswerTo('quickly please'));
    expect(await bot.replies(asked.conversationId)).toEqual([]);
    held.release();
    await bot.untilReplies(asked.conversationId, 1);
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
