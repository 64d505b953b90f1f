import {
  DingTalkQuotaError,
  DingTalkRejectedError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
  WebhookExpiredError,
} from '@common/dingtalk';
import { OutboundRefusedError } from '@common/outbound';
import { DatabaseUnavailableError } from '@common/persistence';
import { HastyClock, RecordingLogger, standIn } from '@common/testing';

import { FakeLedger } from '../allowance/fake-ledger.fixture';
import { aPlainReply } from '../delivery/claimed-delivery.fixture';
import { failing, FakePlatform } from '../platform/fake-platform.fixture';
import { EgressStoppedError } from '../platform/egress-stopped.error';
import { LeaseLostError } from '../platform/lease';
import { PlatformCalls } from '../platform/platform-calls.service';
import type { SenderConfig } from '../sender.config';
import { anOpenGate, FakeBudget } from '../throttling/fake-budget.fixture';
import type { Piece, PieceRepository } from './piece.repository';
import { TextLadder } from './text-ladder.service';
import { UndeliverableError } from './undeliverable.error';

/** The rows of one delivery: they outlive the ladder that a crash ends. */
class PieceRows {
  /** How often Postgres is not there when a piece was sent. */
  awayFor = 0;
  rows: (Piece & { way?: string; possiblyTwice?: boolean })[] = [];
  isLost = false;

  readonly repository = standIn<PieceRepository>({
    prepare: (_delivery, texts, first) => {
      if (this.rows.length === 0)
        this.rows = texts.map((text, index) => ({
          ...{ n: first + index, total: first - 1 + texts.length, text },
          ...{ state: 'pending' as const, tries: 0 },
        }));
      return Promise.resolve([...this.rows]);
    },
    begin: (_delivery, n, possiblyTwice) => {
      if (this.isLost) return Promise.reject(new LeaseLostError());
      this.change(n, ({ tries }) => ({ state: 'sending', tries: tries + 1, possiblyTwice }));
      return Promise.resolve();
    },
    notSent: (_delivery, n) => {
      this.change(n, ({ tries, state }) => ({
        tries: tries - 1,
        state: tries === 1 ? 'pending' : state,
      }));
      return Promise.resolve();
    },
    sent: (_delivery, n, way) => {
      if (this.awayFor-- > 0)
        return Promise.reject(new DatabaseUnavailableError(new Error('gone')));
      this.change(n, () => ({ state: 'sent', way }));
      return Promise.resolve();
    },
  });

  private change(n: number, to: (piece: Piece) => object): void {
    this.rows = this.rows.map((piece) => (piece.n === n ? { ...piece, ...to(piece) } : piece));
  }
}

function aLadder(gate = anOpenGate()) {
  const platform = new FakePlatform();
  const pieces = new PieceRows();
  const logger = new RecordingLogger();
  const { ledger } = new FakeLedger();
  const config = standIn<SenderConfig>({ SENDER_CALL_TIMEOUT_MS: 4_000 });
  const calls = new PlatformCalls(
    new FakeBudget(),
    gate,
    ledger,
    config,
    new HastyClock(),
    platform.client,
  );
  const ladder = new TextLadder(
    platform.client,
    calls,
    pieces.repository,
    new HastyClock(),
    logger,
  );
  return { ladder, platform, pieces, logger };
}
const api = { api: 'x' };
const unknown = () => new DingTalkUnknownOutcomeError(api);
const rejected = () => new DingTalkRejectedError(api);
const expired = () => new WebhookExpiredError(api);

describe('TextLadder', () => {
  it('P4 keeps in mind what it sent until Postgres is back: nobody gets it twice', async () => {
    const { ladder, platform, pieces } = aLadder();
    pieces.awayFor = 3;

    expect(await ladder.send(aPlainReply(), ['one'])).toBe('webhook');

    expect(platform.calls).toHaveLength(1);
    expect(pieces.rows).toMatchObject([{ state: 'sent' }]);
  });

  it('answers through the session webhook, and mentions the asker in a group once', async () => {
    const { ladder, platform } = aLadder();
    const delivery = aPlainReply({ target: { kind: 'group' } });

    expect(await ladder.send(delivery, ['one', 'two'])).toBe('webhook');

    expect(platform.calls.map(({ text, body }) => [text, body['atUserIds']])).toEqual([
      ['one', ['staff-1']],
      ['two', []],
    ]);
  });

  it('mentions nobody who is alone with the bot', async () => {
    const { ladder, platform } = aLadder();
    await ladder.send(aPlainReply(), ['one']);
    expect(platform.calls[0]?.body['atUserIds']).toEqual([]);
  });

  it.each([
    ['direct', 'toUser', { userId: 'staff-1' }],
    ['group', 'toGroup', { openConversationId: 'cid-1' }],
  ] as const)('goes to the robot API without a link (%s)', async (kind, name, place) => {
    const { ladder, platform } = aLadder();

    expect(await ladder.send(aPlainReply({ replyWebhook: null, target: { kind } }), ['one'])).toBe(
      'robot',
    );
    expect(platform.calls).toMatchObject([{ name, body: { ...place, robotCode: 'robot-1' } }]);
  });

  it('C60 goes on with the robot API when the link has expired, and asks it no more', async () => {
    const { ladder, platform } = aLadder();
    platform.fail = failing(['webhook'], expired);

    expect(await ladder.send(aPlainReply(), ['one', 'two'])).toBe('robot');
    expect(platform.names).toEqual(['webhook', 'toUser', 'toUser']);
  });

  it('goes on with the robot API when the link leads into our own network', async () => {
    const { ladder, platform } = aLadder();
    platform.fail = failing(['webhook'], () => new OutboundRefusedError('address_not_public'));

    expect(await ladder.send(aPlainReply(), ['one'])).toBe('robot');
  });

  it('repeats a piece of unknown outcome once, marked, a little later and another way', async () => {
    const { ladder, platform, pieces } = aLadder();
    platform.fail = failing(['webhook'], unknown, 1);

    await ladder.send(aPlainReply(), ['one']);

    expect(platform.calls.map(({ name, text }) => [name, text])).toEqual([
      ['webhook', 'one'],
      ['toUser', '(possibly sent twice)\n\none'],
    ]);
    expect(pieces.rows).toMatchObject([{ state: 'sent', tries: 2, possiblyTwice: true }]);
  });

  it('leaves a second unknown outcome to the undelivered desk', async () => {
    const { ladder, platform } = aLadder();
    platform.fail = failing(['webhook', 'toUser'], unknown);

    await expect(ladder.send(aPlainReply(), ['one', 'two'])).rejects.toMatchObject({
      code: 'unknown_outcome',
    });
    expect(platform.names).toEqual(['webhook', 'toUser']);
  });

  it('late: repeats a piece that a crash left in "sending", marked', async () => {
    const { ladder, platform, pieces } = aLadder();
    pieces.rows = [
      { n: 1, total: 2, text: 'one', state: 'sending', tries: 1 },
      { n: 2, total: 2, text: 'two', state: 'pending', tries: 0 },
    ];

    await ladder.send(aPlainReply(), ['one', 'two']);

    expect(platform.calls.map(({ text }) => text)).toEqual(['(possibly sent twice)\n\none', 'two']);
  });

  it('late: sends no third time what two crashes left in "sending"', async () => {
    const { ladder, platform, pieces } = aLadder();
    pieces.rows = [{ n: 1, total: 1, text: 'one', state: 'sending', tries: 2 }];

    await expect(ladder.send(aPlainReply(), ['one'])).rejects.toMatchObject({
      code: 'unknown_outcome',
    });
    expect(platform.calls).toEqual([]);
  });

  it('twice: sends nothing that was sent', async () => {
    const { ladder, platform } = aLadder();

    await ladder.send(aPlainReply(), ['one', 'two']);
    expect(await ladder.send(aPlainReply(), ['one', 'two'])).toBeNull();

    expect(platform.calls).toHaveLength(2);
  });

  it('provider says no: an explicit no of the last rung is for the undelivered desk', async () => {
    const { ladder, platform } = aLadder();
    platform.fail = failing(['webhook', 'toUser'], rejected);

    await expect(ladder.send(aPlainReply(), ['one'])).rejects.toMatchObject({
      code: 'dingtalk_rejected',
    });
    expect(platform.names).toEqual(['webhook', 'toUser']);
  });

  it('C66 says honestly that no allowance is left, without a call', async () => {
    const { ladder, platform } = aLadder();
    await expect(ladder.send(aPlainReply({ textWays: [] }), ['one'])).rejects.toMatchObject({
      code: 'quota',
    });
    expect(platform.calls).toEqual([]);
  });

  it('C66 says so too when the platform refuses both kinds', async () => {
    const { ladder, platform } = aLadder();
    platform.fail = failing(['webhook', 'toUser'], () => new DingTalkQuotaError(api));
    await expect(ladder.send(aPlainReply(), ['one'])).rejects.toMatchObject({ code: 'quota' });
    expect(platform.names).toEqual(['webhook', 'toUser']);
  });

  it('goes the way that the allowances suggest first', async () => {
    const { ladder, platform } = aLadder();
    await ladder.send(aPlainReply({ textWays: ['robot', 'webhook'] }), ['one']);
    expect(platform.names).toEqual(['toUser']);
  });

  it('waits for a way that is only busy, although another one says no', async () => {
    const { ladder, platform, pieces } = aLadder();
    platform.fail = ({ name }) =>
      name === 'webhook' ? new DingTalkUnavailableError(api) : rejected();
    await expect(ladder.send(aPlainReply(), ['one'])).rejects.toThrow(DingTalkUnavailableError);
    expect(pieces.rows).toMatchObject([{ state: 'pending', tries: 0 }]);
  });

  it('C52 reaches people outside the organisation by the link alone', async () => {
    const outside = { target: { staffId: null } };
    const { ladder, platform } = aLadder();
    expect(await ladder.send(aPlainReply(outside), ['one'])).toBe('webhook');

    const other = aLadder();
    await expect(
      other.ladder.send(aPlainReply({ ...outside, replyWebhook: null }), ['one']),
    ).rejects.toMatchObject({ code: 'no_recipient' });
    expect(platform.names).toEqual(['webhook']);
  });

  it.each([
    ['a ban of this address', () => new EgressStoppedError(300_000)],
    ['a platform that is not available', () => new DingTalkUnavailableError(api)],
  ])(
    'waits out %s: the text is neither undeliverable nor marked as sent twice',
    async (_what, error) => {
      const { ladder, platform, pieces } = aLadder();
      platform.fail = failing(['webhook', 'toUser'], error);

      await expect(ladder.send(aPlainReply(), ['one'])).rejects.toThrow(
        error().constructor as never,
      );
      expect(pieces.rows).toMatchObject([{ state: 'pending', tries: 0 }]);

      platform.fail = () => undefined;
      await ladder.send(aPlainReply(), ['one']);
      expect(platform.calls.at(-1)?.text).toBe('one');
    },
  );

  it('late: leaves a piece that a shutdown cut off to another sender', async () => {
    const { ladder, platform, pieces } = aLadder();
    const stop = new AbortController();
    platform.onCall = () => stop.abort();
    platform.fail = failing(['webhook'], unknown);

    await expect(
      ladder.send(aPlainReply({ signal: stop.signal }), ['one', 'two']),
    ).rejects.not.toThrow(UndeliverableError);
    expect(platform.names).toEqual(['webhook']);
    expect(pieces.rows).toMatchObject([{ state: 'sending', tries: 1 }, { state: 'pending' }]);
  });

  it('late: begins no piece once it is to stop', async () => {
    const { ladder, platform, pieces } = aLadder();

    await expect(
      ladder.send(aPlainReply({ signal: AbortSignal.abort() }), ['one']),
    ).rejects.not.toThrow(UndeliverableError);
    expect(platform.calls).toEqual([]);
    expect(pieces.rows).toMatchObject([{ state: 'pending' }]);
  });

  it('sends nothing for a delivery that somebody else has', async () => {
    const { ladder, platform, pieces } = aLadder();
    pieces.isLost = true;

    await expect(ladder.send(aPlainReply(), ['one'])).rejects.toThrow(LeaseLostError);
    expect(platform.calls).toEqual([]);
  });

  it('begins with the second piece when the first is in a card', async () => {
    const { ladder, pieces } = aLadder();
    await ladder.send(aPlainReply(), ['two', 'three'], 2);
    expect(pieces.rows.map(({ n, total }) => [n, total])).toEqual([
      [2, 3],
      [3, 3],
    ]);
  });

  it('titles a message by its first words, without markup', async () => {
    const { ladder, platform } = aLadder();
    await ladder.send(aPlainReply(), ['\n---\n## **Noon**, as `always`']);
    expect(platform.calls[0]?.body['markdown']).toMatchObject({ title: 'Noon, as always' });
  });
});
