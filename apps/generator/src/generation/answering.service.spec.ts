import { DatabaseUnavailableError } from '@common/persistence';
import { RecordingLogger, settled, standIn } from '@common/testing';

import { Agent, type AnswerPart, type Question } from '../agents/agent.port';
import type { AnswerFile } from '../answer-files/answer-file';
import type { AnswerFiles } from '../answer-files/answer-files.service';
import type { Agents } from '../agents/agents.service';
import { Interruption } from '../cancelling/turns-in-hand';
import type { BudgetGate, Verdict } from '../limits/budget-gate.service';
import { ContentGate } from '../limits/content-gate.service';
import type { ContentRule } from '../limits/content-rule';
import type { ContentRules } from '../limits/content-rules.repository';
import { ModelError } from '../models/model.errors';
import type { ReplyFlusher } from '../streaming/reply-flusher.service';
import { ReplyWriter } from '../streaming/reply-writer';
import { Answering } from './answering.service';
import { Suspension } from '../tools/suspension';
import { aClaimedTurn, aQuestion } from './claimed-turn.fixture';
import type { Questions } from './question.service';

type Script = (question: Question, signal: AbortSignal) => AsyncIterable<AnswerPart>;

class ScriptedAgent extends Agent {
  readonly asked: Question[] = [];
  constructor(private readonly script: Script) {
    super();
  }
  answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart> {
    this.asked.push(question);
    return this.script(question, signal);
  }
}
const says = (...texts: string[]): Script =>
  async function* () {
    for (const text of texts) yield await Promise.resolve({ text });
  };

const history = [
  { role: 'user' as const, text: 'Hi' },
  { role: 'assistant' as const, text: 'Hello!' },
  { role: 'user' as const, text: 'What time is it?' },
];

function anAnswering(
  script: Script,
  read = () => Promise.resolve(history),
  verdict: Verdict = { kind: 'go' },
  rules: ContentRule[] = [],
) {
  const found: string[] = [];
  const given: AnswerFile[] = [];
  const agent = new ScriptedAgent(script);
  const logger = new RecordingLogger();
  const answering = new Answering(
    standIn<Questions>({ of: async () => aQuestion({ history: await read() }) }),
    standIn<Agents>({ ofKind: () => agent }),
    standIn<BudgetGate>({ judge: () => Promise.resolve(verdict) }),
    new ContentGate(
      standIn<ContentRules>({
        of: () => Promise.resolve(rules),
        record: (_turn, direction, { hits }) => {
          for (const [id, { count }] of hits) found.push(`${direction} ${id} ${count}`);
          return Promise.resolve();
        },
      }),
      logger,
    ),
    standIn<ReplyFlusher>({
      open: (turnId, attempt) => new ReplyWriter(turnId, attempt, { wants: () => undefined }),
    }),
    standIn<AnswerFiles>({
      keep: (_turn, files, { text, remembered }) => {
        given.push(...files);
        return Promise.resolve({ text, remembered });
      },
    }),
    logger,
  );
  return { answering, agent, logger, found, given };
}
const never = new AbortController().signal;

describe('Answering', () => {
  it('gives files with the words, or a sentence where there are none', async () => {
    const file = { name: 'a.pdf', mediaType: '', from: { base64: '' } };
    const { answering, given } = anAnswering(async function* () {
      yield await Promise.resolve({ file });
    });
    expect((await answering.answer(aClaimedTurn(), never)).text).toBe('See the files below.');
    expect(given).toEqual([file]);
  });

  it('joins the words of the agent to the answer, with its usage', async () => {
    const { answering, agent } = anAnswering(async function* (question) {
      yield* says('It is ', 'noon.')(question, never);
      question.tally.add({ inputTokens: 3, outputTokens: 2, cachedTokens: 1 }, null);
    });

    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
      outcome: 'answered',
      text: 'It is noon.',
      remembered: 'It is noon.',
      error: null,
      usage: { inputTokens: 3, outputTokens: 2, cachedTokens: 1, toolCalls: 0, isEstimated: false },
      firstWordsAt: expect.any(Date) as Date,
    });
    expect(agent.asked[0]).toMatchObject({ history, instructions: 'Be brief.', locale: 'en' });
  });

  it.each([
    ['zh', '抱歉，模型服务拒绝了配置的密钥'],
    ['en', 'Sorry, the model service rejected the configured key'],
  ] as const)(
    'provider says no: tells the person in one sentence (%s)',
    async (locale, sentence) => {
      const { answering, logger } = anAnswering(() => {
        throw new ModelError('model_key_rejected', { status: 401 });
      });

      const ending = await answering.answer(aClaimedTurn({ locale }), never);

      expect(ending).toMatchObject({
        outcome: 'failed',
        remembered: null,
        error: { code: 'model_key_rejected', message: 'model key rejected (HTTP 401)' },
      });
      expect(ending.text.startsWith(sentence)).toBe(true);
      expect(ending.text).toContain(aClaimedTurn().id.slice(0, 8));
      expect(logger.messages).toEqual(['answer failed']);
    },
  );

  it('P10 ends a bug of an agent in a sentence too', async () => {
    const { answering } = anAnswering(() => {
      throw new TypeError('undefined is not a function');
    });

    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
      outcome: 'failed',
      error: { code: 'internal_error' },
      text: expect.stringMatching(/^Sorry, I could not answer/) as string,
    });
  });

  it('remembers the answer without what was only thought', async () => {
    const { answering } = anAnswering(async function* () {
      yield await Promise.resolve({ text: '', aside: '> hm' });
      yield { text: 'Noon.', aside: '\n\n' };
    });

    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
      text: '> hm\n\nNoon.',
      remembered: 'Noon.',
    });
  });

  it.each([
    ['a passing fault', true, true],
    ['a fault that stays', false, false],
  ])('says whether another attempt may help after %s', async (_what, isPassing, isBroken) => {
    const { answering } = anAnswering(async function* () {
      yield await Promise.resolve({ text: 'It is' });
      throw new ModelError('model_unreachable', { isPassing });
    });

    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({ isBroken });
  });

  it('P10 ends an answer that runs wild', async () => {
    const { answering } = anAnswering(async function* () {
      for (;;) yield await Promise.resolve({ text: 'ha'.repeat(50_000) });
    });

    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
      error: { code: 'answer_too_long' },
    });
  });

  it('asks no agent when nothing may be spent any more', async () => {
    const { answering, agent } = anAnswering(says('x'), undefined, { kind: 'stop' });
    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
      outcome: 'failed',
      error: { code: 'budget_used_up' },
    });
    expect(agent.asked).toEqual([]);
  });

  it('says below the answer that the allowance comes to its end, and does not remember it', async () => {
    const { answering } = anAnswering(says('Noon.'), undefined, { kind: 'warn', percent: 85 });
    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
      text: 'Noon.\n\n> Note: 85% of your allowance for this period is used.',
      remembered: 'Noon.',
    });
  });

  it('shows the person what is asked of them, and says what it cost so far', async () => {
    const { answering } = anAnswering(async function* (question) {
      yield await Promise.resolve({ text: 'Let me order. ' });
      question.tally.add({ inputTokens: 3, outputTokens: 2, cachedTokens: 0 }, null);
      throw new Suspension('call', { tool: 'order', args: { n: 2 } });
    });

    await expect(answering.answer(aClaimedTurn(), never)).rejects.toMatchObject({
      usage: { inputTokens: 3 },
    });
  });

  describe('with content rules', () => {
    const deny = (direction: ContentRule['direction']): ContentRule => ({
      ...{ id: 'deny', direction, action: 'deny', words: ['time'], kinds: [] },
    });
    const mask: ContentRule = {
      ...{ id: 'mask', direction: 'both', action: 'mask', words: [], kinds: ['phone'] },
    };

    it('asks no agent what may not be asked', async () => {
      const { answering, agent, found } = anAnswering(says('x'), undefined, undefined, [
        deny('in'),
      ]);
      expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
        error: { code: 'content_denied' },
        remembered: null,
      });
      expect([agent.asked, found]).toEqual([[], ['in deny 1']]);
    });

    it('shows and remembers nothing of what may not be said', async () => {
      const { answering, found } = anAnswering(says('It is ', 'ti', 'me'), undefined, undefined, [
        deny('out'),
      ]);
      const ending = await answering.answer(aClaimedTurn(), never);
      expect(ending).toMatchObject({ error: { code: 'content_denied' }, remembered: null });
      expect(ending.text).not.toContain('It is');
      expect(found).toEqual(['out deny 1']);
    });

    it('covers up personal data on both ways', async () => {
      const asked = [{ role: 'user' as const, text: 'Call 13812345678?' }];
      const { answering, agent, found } = anAnswering(
        says('Yes: 138', '12345678.'),
        () => Promise.resolve(asked as never),
        undefined,
        [mask],
      );
      expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
        text: 'Yes: ***.',
        remembered: 'Yes: ***.',
      });
      expect(agent.asked[0]?.history).toMatchObject([{ text: 'Call ***?' }]);
      expect(found).toEqual(['in mask 1', 'out mask 1']);
    });
  });

  it('fails an answer without words', async () => {
    const { answering } = anAnswering(says('', ' \n'));

    expect(await answering.answer(aClaimedTurn(), never)).toMatchObject({
      outcome: 'failed',
      error: { code: 'empty_answer' },
      remembered: null,
    });
  });

  it('keeps what was said when it is cancelled, and marks it', async () => {
    const stop = new AbortController();
    const { answering } = anAnswering(async function* () {
      yield { text: 'Once upon a time ' };
      await settled();
      stop.abort(new Interruption('cancelled'));
      yield { text: 'there was' };
    });

    expect(await answering.answer(aClaimedTurn(), stop.signal)).toMatchObject({
      outcome: 'cancelled',
      text: 'Once upon a time there was\n\n(stopped)',
      remembered: 'Once upon a time there was\n\n(stopped)',
    });
  });

  it.each(['shutdown', 'lost'] as const)('commits nothing when it ends by %s', async (reason) => {
    const stop = new AbortController();
    const { answering } = anAnswering(async function* () {
      yield { text: 'Once' };
      await settled();
      stop.abort(new Interruption(reason));
      stop.signal.throwIfAborted();
    });

    await expect(answering.answer(aClaimedTurn(), stop.signal)).rejects.toMatchObject({ reason });
  });

  it('leaves the turn to another attempt when the history cannot be read', async () => {
    const { answering, agent } = anAnswering(says('x'), () =>
      Promise.reject(new DatabaseUnavailableError(new Error('gone'))),
    );

    await expect(answering.answer(aClaimedTurn(), never)).rejects.toThrow(DatabaseUnavailableError);
    expect(agent.asked).toEqual([]);
  });

  it.each([
    ['was cancelled before it began', { isCancelRequested: true }, 'cancelled', '(stopped)'],
    ['is of a disabled channel', { isChannelEnabled: false }, 'cancelled', 'This bot was switched'],
    ['has no agent', { agent: null }, 'failed', 'No agent is set up'],
    ['lost too many attempts', { lostAttempts: 3 }, 'failed', 'Sorry, I could not answer'],
    ['began too often', { attempt: 1_000 }, 'failed', 'Sorry, I could not answer'],
  ])('late: asks no agent for a turn that %s', async (_what, overrides, outcome, sentence) => {
    const { answering, agent } = anAnswering(says('x'));

    const ending = await answering.answer(aClaimedTurn(overrides), never);

    expect(ending).toMatchObject({ outcome, remembered: null, firstWordsAt: null });
    expect(ending.text).toContain(sentence);
    expect(agent.asked).toEqual([]);
  });
});
