import {
  CardNotExistError,
  CardTemplateMismatchError,
  DingTalkRejectedError,
  DingTalkScopeMissingError,
  DingTalkUnknownOutcomeError,
} from '@common/dingtalk';
import { ManualClock, RecordingLogger } from '@common/testing';

import { aClaimedDelivery, FakeLease } from '../delivery/claimed-delivery.fixture';
import { Stage } from '../delivery/stage.fixture';
import { failing } from '../platform/fake-platform.fixture';
import { LeaseLostError } from '../platform/lease';

const aStage = (): Stage => new Stage(new ManualClock(), new RecordingLogger());
const api = { api: 'x' };
const unknown = () => new DingTalkUnknownOutcomeError(api);
const mismatch = () => new CardTemplateMismatchError(api);
const refused = () => new DingTalkRejectedError(api);
const gone = () => new CardNotExistError(api);
const own = { templateId: 'own.schema' };
const inGroup = { kind: 'group' as const };
const says = (text: string) => () => Promise.resolve(text);
const wanted = new AbortController().signal;

describe('CardShow: call sequences (messaging reference §6.6)', () => {
  it.each([
    ['public template', {}, ['create', 'stream', 'final', 'update']],
    ['own template', own, ['create', 'stream', 'final']],
  ])('%s: create, frames, final frame, and its look', async (_which, card, names) => {
    const { cards, platform } = aStage();
    const delivery = aClaimedDelivery({ card });

    await cards.create(delivery);
    await cards.frame(delivery, says('Once'), 1, wanted);
    await cards.finish(delivery, 'Once upon a time');

    expect(platform.names).toEqual(names);
    expect(platform.calls.at(2)?.text).toBe('Once upon a time');
  });

  it.each([
    ['public template', {}, ['create', 'update']],
    ['own template', own, ['create', 'final']],
  ])('%s at pace off: two calls', async (_which, card, names) => {
    const { cards, platform } = aStage();
    const delivery = aClaimedDelivery({ card: { ...card, pace: 'off' } });

    await cards.create(delivery);
    await cards.finish(delivery, 'Noon.');

    expect(platform.names).toEqual(names);
    expect(platform.calls.at(-1)?.text).toContain('Noon.');
  });

  it('begins the public template as "inputting", at pace off as "processing", and ends it as finished', async () => {
    for (const [pace, status] of [['balanced', '2'] as const, ['off', '1'] as const]) {
      const { cards, platform } = aStage();
      const delivery = aClaimedDelivery({ card: { pace } });
      await cards.create(delivery);
      await cards.finish(delivery, 'Noon.');
      expect(JSON.parse(platform.calls[0]?.text ?? '')).toMatchObject({ flowStatus: status });
      expect(JSON.parse(platform.calls.at(-1)?.text ?? '')).toMatchObject({ flowStatus: '3' });
    }
  });

  it('names the card by its delivery, and each text by its own guid', async () => {
    const { cards, platform } = aStage();
    const delivery = aClaimedDelivery();

    await cards.create(delivery);
    await cards.frame(delivery, says('a'), 1, wanted);
    await cards.frame(delivery, says('ab'), 2, wanted);
    await cards.finish(delivery, 'abc');

    for (const { body } of platform.calls) expect(body['outTrackId']).toBe(delivery.id);
    const guids = platform.calls.slice(1, 4).map(({ body }) => body['guid']);
    expect(new Set(guids).size).toBe(3);
  });

  it('twice: the final frame of a second run is the identical call', async () => {
    const { cards, platform } = aStage();
    await cards.finish(aClaimedDelivery(), 'abc');
    await cards.finish(aClaimedDelivery({ attempt: 2 }), 'abc');
    const finals = platform.calls.filter(({ name }) => name === 'final');
    expect(finals[1]?.body).toEqual(finals[0]?.body);
  });
});

describe('CardShow: while the budget is tight', () => {
  it('P7 opens no stream, so that one update ends a card of the public templates', async () => {
    const { cards, platform, budget } = aStage();
    const delivery = aClaimedDelivery();
    budget.tight = true;

    await cards.create(delivery);
    expect(await cards.frame(delivery, says('Once'), 1, wanted)).toBe(false);
    await cards.finish(delivery, 'Once upon a time');

    expect(platform.names).toEqual(['create', 'update']);
    expect(platform.calls[1]?.text).toContain('Once upon a time');
  });

  it.each([
    ['that was streamed', {}, true],
    ['of somebody who died, which may have been streamed', { cardState: 'open' as const }, false],
    ['of an own template, which only the stream can end', { card: own }, false],
    ['of a group, where an update alone may not show', { target: inGroup }, false],
  ])('ends a card %s by the final frame', async (_which, overrides, isStreamed) => {
    const { cards, platform, budget } = aStage();
    const delivery = aClaimedDelivery(overrides);
    if (isStreamed) await cards.frame(delivery, says('Once'), 1, wanted);
    budget.tight = true;
    await cards.finish(delivery, 'Once upon a time');
    expect(platform.names).toContain('final');
  });
});

describe('CardShow: create', () => {
  it('writes down that the card is open', async () => {
    const { cards, cardStates } = aStage();
    expect(await cards.create(aClaimedDelivery())).toBe(true);
    expect(cardStates).toEqual(['open']);
  });

  it('repeats the identical call after an unknown outcome', async () => {
    const { cards, platform, cardStates } = aStage();
    platform.fail = failing(['create'], unknown, 2);

    expect(await cards.create(aClaimedDelivery())).toBe(true);
    expect(platform.calls).toHaveLength(3);
    expect(platform.calls[2]?.body).toEqual(platform.calls[0]?.body);
    expect(cardStates).toEqual(['open']);
  });

  it('leaves a debt when it never learns whether there is a card', async () => {
    const { cards, platform, cardStates } = aStage();
    platform.fail = failing(['create'], unknown);

    expect(await cards.create(aClaimedDelivery())).toBe(false);
    expect(cardStates).toEqual(['debt']);
  });

  it('C82 leaves a debt when a no follows an unknown outcome: the first call may have made a card', async () => {
    const { cards, platform, cardStates } = aStage();
    const answers = [unknown, refused];
    platform.fail = () => (answers.shift() ?? refused)();

    expect(await cards.create(aClaimedDelivery())).toBe(false);
    expect(cardStates).toEqual(['debt']);
  });

  it('late: leaves a debt when a no is all that a second sender hears', async () => {
    const { cards, platform, cardStates } = aStage();
    platform.fail = failing(['create'], refused);

    expect(await cards.create(aClaimedDelivery({ attempt: 2 }))).toBe(false);
    expect(cardStates).toEqual(['debt']);
  });

  it('C81 takes a card that nobody got for none', async () => {
    const { cards, platform, cardStates } = aStage();
    platform.created = { delivered: false, reason: 'spaceId is illegal' };

    expect(await cards.create(aClaimedDelivery())).toBe(false);
    expect(cardStates).toEqual(['refused']);
  });

  it('provider says no: does without, and remembers why for the administrator', async () => {
    const { cards, platform, cardStates, noticed } = aStage();
    platform.fail = failing(['create'], () => new DingTalkScopeMissingError(api, ['Card.Write']));

    expect(await cards.create(aClaimedDelivery())).toBe(false);
    expect(cardStates).toEqual(['refused']);
    expect(noticed).toEqual(['dingtalk_scope_missing']);
  });
});

describe('CardShow: frames', () => {
  it('P7 shows no frame that the budget had no room for while it was wanted', async () => {
    const stage = aStage();
    stage.hasBudget = false;
    const ended = new AbortController();
    const shown = stage.cards.frame(aClaimedDelivery(), says('a'), 1, ended.signal);
    ended.abort();
    expect(await shown).toBe(false);
    expect(stage.platform.calls).toEqual([]);
  });

  it('provider says no to a frame: remembers why, as for any other call of a card', async () => {
    const { cards, platform, noticed } = aStage();
    const refused = () => new DingTalkScopeMissingError(api, ['Card.Streaming.Write']);
    platform.fail = failing(['stream'], refused);

    await expect(cards.frame(aClaimedDelivery(), says('a'), 1, wanted)).rejects.toMatchObject({
      code: 'dingtalk_scope_missing',
    });
    expect(noticed).toEqual(['dingtalk_scope_missing']);
  });

  it('P7 makes no call when there is nothing new by the time that it may', async () => {
    const { cards, platform } = aStage();
    expect(await cards.frame(aClaimedDelivery(), () => Promise.resolve(null), 1, wanted)).toBe(
      false,
    );
    expect(platform.calls).toEqual([]);
  });

  it('lets a frame of unknown outcome go: the next one has all of its words', async () => {
    const { cards, platform } = aStage();
    platform.fail = failing(['stream'], unknown);
    expect(await cards.frame(aClaimedDelivery(), says('a'), 1, wanted)).toBe(false);
    expect(platform.calls).toHaveLength(1);
  });

  it('gives the card up after a definite no', async () => {
    const { cards, platform } = aStage();
    platform.fail = failing(['stream'], mismatch);
    await expect(cards.frame(aClaimedDelivery(), says('a'), 1, wanted)).rejects.toThrow(
      CardTemplateMismatchError,
    );
  });
});

describe('CardShow: finish', () => {
  it('takes the right to end the card before it calls', async () => {
    const stage = aStage();
    stage.isOurs = false;
    await expect(stage.cards.finish(aClaimedDelivery(), 'a')).rejects.toThrow(LeaseLostError);
    expect(stage.platform.calls).toEqual([]);
  });

  it('leaves a debt when the final frame fails: the text goes another way', async () => {
    const { cards, platform, cardStates } = aStage();
    platform.fail = failing(['final'], mismatch);

    expect(await cards.finish(aClaimedDelivery(), 'a')).toBe(false);
    expect(cardStates).toEqual(['finalising', 'debt']);
  });

  it('loses nothing when only the finished look fails', async () => {
    const { cards, platform, cardStates } = aStage();
    platform.fail = failing(['update'], mismatch);

    expect(await cards.finish(aClaimedDelivery(), 'a')).toBe(true);
    expect(cardStates).toEqual(['finalising']);
  });

  it('has shown nothing when the only call of pace off fails', async () => {
    const { cards, platform } = aStage();
    platform.fail = failing(['update'], mismatch);
    expect(await cards.finish(aClaimedDelivery({ card: { pace: 'off' } }), 'a')).toBe(false);
  });

  it('creates a card that is gone once more, then goes on in text', async () => {
    const stage = aStage();
    stage.platform.fail = failing(['final'], gone, 1);
    expect(await stage.cards.finish(aClaimedDelivery(), 'a')).toBe(true);
    expect(stage.platform.names).toEqual(['final', 'create', 'final', 'update']);

    const hopeless = aStage();
    hopeless.platform.fail = failing(['final'], gone);
    expect(await hopeless.cards.finish(aClaimedDelivery(), 'a')).toBe(false);
    expect(hopeless.platform.names).toEqual(['final', 'create', 'final']);
  });

  it('late: leaves a final frame that a shutdown cut off to another sender', async () => {
    const stage = aStage();
    const stop = new AbortController();
    stage.platform.onCall = () => stop.abort();
    stage.platform.fail = failing(['final'], unknown);

    await expect(
      stage.cards.finish(aClaimedDelivery({ signal: stop.signal }), 'a'),
    ).rejects.toThrow(DingTalkUnknownOutcomeError);
    expect(stage.cardStates).toEqual(['finalising']);
  });
});

describe('CardShow: debts', () => {
  it('closes the card with "answer below", never with the answer', async () => {
    const { cards, platform } = aStage();
    expect(await cards.payDebt(aClaimedDelivery())).toBe(true);
    for (const { text } of platform.calls) expect(text).toContain('the answer is in the message');
  });

  it('closes a card that may not be streamed by an update', async () => {
    const { cards, platform } = aStage();
    platform.fail = failing(['final'], () => new DingTalkScopeMissingError(api, ['Card.Stream']));
    expect(await cards.payDebt(aClaimedDelivery())).toBe(true);
    expect(platform.names).toEqual(['final', 'update']);
  });

  it('says that it could not', async () => {
    const { cards, platform } = aStage();
    platform.fail = failing(['final'], mismatch);
    expect(await cards.payDebt(aClaimedDelivery())).toBe(false);
  });

  it('believes that there is no card only when asked again: its creation may have been under way', async () => {
    const { cards, platform } = aStage();
    platform.fail = failing(['final'], () => new CardNotExistError(api));
    expect(await cards.payDebt(aClaimedDelivery())).toBe(false);
    expect(await cards.payDebt(aClaimedDelivery(), { mayBeAbsent: true })).toBe(true);
  });

  it('stops when the lease is over', async () => {
    const lease = new FakeLease();
    lease.isLost = true;
    await expect(aStage().cards.payDebt(aClaimedDelivery({ lease }))).rejects.toThrow(
      LeaseLostError,
    );
  });
});
