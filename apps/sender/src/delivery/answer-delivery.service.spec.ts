import { CardTemplateMismatchError } from '@common/dingtalk';
import type { CardPace } from '@common/domain';
import { ManualClock, RecordingLogger } from '@common/testing';

import { HandedOver } from '../card/words-on-card.service';
import { failing } from '../platform/fake-platform.fixture';
import { UndeliverableError } from '../text/undeliverable.error';
import type { ClaimedDelivery, DeliveryEnd } from './claimed-delivery';
import { aClaimedDelivery } from './claimed-delivery.fixture';
import { Stage } from './stage.fixture';

function aStage() {
  const clock = new ManualClock();
  const stage = new Stage(clock, new RecordingLogger());
  const show = (delivery: ClaimedDelivery): Promise<DeliveryEnd> => {
    if (!delivery.turn) throw new Error('a turn is what this is about');
    return stage.answers.show(delivery, delivery.turn);
  };
  const end = (text: string): void => stage.turn.hasEnded({ outcome: 'answered', text });
  return { stage, clock, show, end };
}
const mismatch = () => new CardTemplateMismatchError({ api: 'x' });
const ended = (text: string): ReturnType<typeof aStage> => {
  const parts = aStage();
  parts.end(text);
  return parts;
};

describe('AnswerDelivery: an answer of a minute', () => {
  /** Words four times a second for a minute. */
  async function aMinute(pace: CardPace, card: object = {}): Promise<Stage> {
    const { stage, clock, show, end } = aStage();
    const shown = show(aClaimedDelivery({ card: { ...card, pace } }));
    await clock.pass(500);
    for (let n = 0; n < 240; n += 1) {
      stage.say(`w${n} `);
      await clock.pass(250);
    }
    end(stage.words.get(1) ?? '');
    await clock.pass(2_000);
    await shown;
    return stage;
  }

  it.each([
    ['balanced', {}, 8],
    ['thrifty', {}, 4],
    ['off', {}, 2],
    ['balanced', { templateId: 'own' }, 7],
    ['thrifty', { templateId: 'own' }, 3],
    ['off', { templateId: 'own' }, 2],
  ] as const)(
    'P7 costs at pace %s with template %j %d calls for the card',
    async (pace, card, n) => {
      const { platform } = await aMinute(pace, card);
      expect(platform.calls).toHaveLength(n);
    },
  );

  it('shows more with every frame, and the committed text at the end', async () => {
    const { platform } = await aMinute('smooth');
    const frames = platform.calls.filter(({ name }) => name === 'stream');
    expect(frames.length).toBeGreaterThan(20);
    for (const [n, { text }] of frames.slice(1).entries())
      expect(text.startsWith(frames[n]?.text ?? '')).toBe(true);
  });
});

describe('AnswerDelivery', () => {
  it('P4 gives up after too many attempts, but not before the answer is there: its turn ends with it', async () => {
    const { stage, clock, show, end } = aStage();
    const shown = show(aClaimedDelivery({ attempt: 1_000 }));
    const outcome = shown.catch((error: unknown) => error);
    await clock.pass(5_000);
    expect(await Promise.race([outcome, Promise.resolve('waits')])).toBe('waits');

    end('Noon.');
    await clock.pass(100);
    expect(await outcome).toEqual(new UndeliverableError('attempts_exhausted'));
    expect(stage.platform.calls).toEqual([]);
  });

  it('opens the card before there are words, and ends it with the committed text', async () => {
    const { stage, clock, show, end } = aStage();
    const shown = show(aClaimedDelivery());
    await clock.pass(100);
    expect(stage.platform.names).toEqual(['create']);

    end('Noon.');
    await clock.pass(100);

    expect(await shown).toEqual({
      state: 'delivered',
      way: 'card',
      cardState: 'finished',
      error: null,
    });
    expect(stage.platform.calls.find(({ name }) => name === 'final')?.text).toBe('Noon.');
    expect(stage.texts).toEqual([]);
  });

  it('late: goes straight to the end of a turn that has ended', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery());
    expect(stage.platform.names).toEqual(['create', 'final', 'update']);
  });

  it('twice: repeats the final frame alone when somebody died while finalising', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ cardState: 'finalising', attempt: 2 }));
    expect(stage.platform.names).toEqual(['final', 'update']);
  });

  it('goes on with the card of somebody who died', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ cardState: 'open', attempt: 2 }));
    expect(stage.platform.names).toEqual(['final', 'update']);
  });

  it('sends what does not fit into the card as messages, numbered', async () => {
    const { stage, show } = ended('段落。\n\n'.repeat(2_000));
    expect(await show(aClaimedDelivery())).toMatchObject({ way: 'card', cardState: 'finished' });
    expect(stage.texts[0]).toMatch(/\(2\/\d\)$/);
    expect(stage.cardStates).toEqual(['open', 'finalising', 'finished']);
  });

  it('touches a finished card no more, and sends the rest', async () => {
    const { stage, show } = ended('段落。\n\n'.repeat(2_000));
    await show(aClaimedDelivery({ cardState: 'finished', attempt: 2 }));
    expect(stage.platform.calls).toEqual([]);
    expect(stage.texts[0]).toMatch(/\(2\/\d\)$/);
  });

  it('provider says no: answers in text when there can be no card', async () => {
    const { stage, show } = ended('Noon.');
    stage.platform.fail = failing(['create'], mismatch);

    expect(await show(aClaimedDelivery())).toEqual({
      state: 'delivered',
      way: 'webhook',
      cardState: null,
      error: null,
    });
    expect(stage.texts).toEqual(['Noon.']);
  });

  it('answers in text without trying when no card is meant', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ cardState: null }));
    expect(stage.platform.calls).toEqual([]);
    expect(stage.texts).toEqual(['Noon.']);
  });

  it('makes no card when calls must be saved, and takes its intent back', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ asText: true }));
    expect(stage.platform.calls).toEqual([]);
    expect(stage.cardStates).toEqual(['refused']);
    expect(stage.texts).toEqual(['Noon.']);
  });

  it('late: ends the card that somebody may have made who died, although calls must be saved', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ asText: true, attempt: 2 }));
    expect(stage.platform.names).toEqual(['create', 'final', 'update']);
  });

  it('P4 closes the card with "answer below" when the answer went out as text', async () => {
    const { stage, show } = ended('Noon.');
    stage.platform.fail = failing(['final'], mismatch, 1);

    expect(await show(aClaimedDelivery())).toMatchObject({ way: 'webhook', cardState: 'finished' });
    expect(stage.texts).toEqual(['Noon.']);
    expect(stage.platform.calls.at(-1)?.text).toContain('the answer is in the message below');
  });

  it('leaves a card that cannot be closed now to the reaper', async () => {
    const { stage, show } = ended('Noon.');
    stage.platform.fail = failing(['final', 'update'], mismatch);
    expect(await show(aClaimedDelivery())).toMatchObject({ state: 'delivered', cardState: 'debt' });
  });

  it('P4 owes a card that broke under its words before the text goes out, so that no crash shows both', async () => {
    const { stage, clock, show, end } = aStage();
    stage.platform.fail = failing(['stream'], mismatch);
    stage.textFailure = new UndeliverableError('no_recipient');
    const shown = show(aClaimedDelivery()).catch((error: unknown) => error);
    stage.say('Once');
    await clock.pass(1_000);
    end('Once upon a time');
    await clock.pass(1_000);

    expect(await shown).toBeInstanceOf(UndeliverableError);
    expect(stage.cardStates).toEqual(['open', 'debt']);
  });

  it('hands over at once when it is to stop, whatever it has shown', async () => {
    const { stage, clock, show } = aStage();
    const stop = new AbortController();
    const shown = show(aClaimedDelivery({ signal: stop.signal }));
    stage.say('Once');
    await clock.pass(1_000);

    stop.abort();

    await expect(shown).rejects.toThrow(HandedOver);
    expect(stage.platform.names).toEqual(['create', 'stream']);
  });
});

describe('AnswerDelivery: the mark of what an AI wrote', () => {
  const standard = { aiMark: undefined };
  const update = (stage: Stage): Record<string, string> =>
    JSON.parse(stage.platform.calls.find(({ name }) => name === 'update')?.text ?? '{}') as Record<
      string,
      string
    >;

  it('stands under a card of the public templates in a variable of its own; the text stays as it was committed', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ card: standard }));
    expect(update(stage)).toMatchObject({ msgContent: 'Noon.', staticMsgContent: 'AI-generated' });
    expect(stage.platform.calls.find(({ name }) => name === 'final')?.text).toBe('Noon.');
  });

  it('is a block of its own in the template that shows blocks', async () => {
    const { stage, show } = ended('Noon.');
    const templateId = '675cde2f-f526-40cb-b828-f5b2b57b8b77.schema';
    await show(aClaimedDelivery({ card: { ...standard, templateId } }));
    expect(JSON.parse(update(stage)['blockList'] ?? '')).toEqual([
      { type: 0, markdown: 'Noon.' },
      { type: 0, markdown: 'AI-generated' },
    ]);
  });

  it('is the last line of the final frame in an own template', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ card: { aiMark: '小钟写的', templateId: 'own' } }));
    expect(stage.platform.calls.at(-1)?.text).toBe('Noon.\n\n小钟写的');
  });

  it('is the last line of every message', async () => {
    const { stage, show } = ended('段落。\n\n'.repeat(2_000));
    await show(aClaimedDelivery({ card: standard, cardState: null }));
    expect(stage.texts.length).toBeGreaterThan(1);
    for (const text of stage.texts) expect(text).toMatch(/\(\d\/\d\)\n\nAI-generated$/);
  });

  it('is not put under our own sentence about a failure', async () => {
    const { stage, show } = aStage();
    stage.turn.hasEnded({ outcome: 'failed', text: 'Sorry.' });
    await show(aClaimedDelivery({ card: standard, cardState: null }));
    expect(stage.texts).toEqual(['Sorry.']);
  });

  it('changes the buttons of an own template that has them when the answer is there', async () => {
    const { stage, show } = ended('Noon.');
    await show(aClaimedDelivery({ card: { templateId: 'own', buttons: true } }));
    expect(JSON.parse(stage.platform.calls[0]?.text ?? '')).toMatchObject({
      carillonState: 'running',
    });
    expect(update(stage)).toEqual({ carillonState: 'done' });
  });
});
