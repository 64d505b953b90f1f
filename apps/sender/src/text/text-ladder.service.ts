import { Injectable } from '@nestjs/common';

import { DingTalkClient, DingTalkError, DingTalkQuotaError } from '@common/dingtalk';
import { say, type TextWay } from '@common/domain';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { OutboundRefusedError } from '@common/outbound';
import { whileAway } from '@common/persistence';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { renderMarkdown } from '../markdown/render-markdown';
import { type CallKind, PlatformCalls, SESSION_WEBHOOK } from '../platform/platform-calls.service';
import { wasNotSent } from '../platform/was-not-sent';
import { ASIDES, type Piece, PieceRepository } from './piece.repository';
import { UndeliverableError } from './undeliverable.error';

const WEBHOOK: CallKind = { path: SESSION_WEBHOOK, purpose: 'text' };
const TO_USER: CallKind = { path: '/v1.0/robot/oToMessages/batchSend', purpose: 'text' };
const TO_GROUP: CallKind = { path: '/v1.0/robot/groupMessages/send', purpose: 'text' };
/** An unknown outcome is repeated once, marked; a second one is for the undelivered desk. */
const MAX_TRIES = 2;
/** What broke a call off may be over by then. */
const REPEAT_AFTER_MS = 2_000;

/** Markdown messages: through the session webhook, else through the robot API, piece by piece (design §3 Text pieces). */
@Injectable()
export class TextLadder {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly pieces: PieceRepository,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Sends what an earlier attempt did not.
   * @param firstNumber 1, or 2 when the first piece is in a card
   * @throws UndeliverableError · LeaseLostError
   */
  async send(
    delivery: ClaimedDelivery,
    texts: readonly string[],
    firstNumber = 1,
  ): Promise<TextWay | null> {
    let way: TextWay | null = null;
    let rungs = rungsOf(delivery);
    for (const piece of await this.pieces.prepare(delivery, texts, firstNumber)) {
      if (piece.state === 'sent') continue;
      way = await this.sendPiece(delivery, piece, rungs);
      // A rung that failed once is not tried for every piece.
      rungs = rungs.slice(rungs.indexOf(way));
    }
    return way;
  }

  /**
   * Says something before the answer, once: what an agent asks its person.
   * @param number the how-manieth of this delivery, from 1
   * @throws UndeliverableError · LeaseLostError
   */
  async sayBefore(delivery: ClaimedDelivery, text: string, number: number): Promise<void> {
    const n = ASIDES + number;
    const [piece] = await this.pieces.prepare(delivery, [text], n, n + 1);
    if (piece && piece.state !== 'sent') await this.sendPiece(delivery, piece, rungsOf(delivery));
  }

  private async sendPiece(
    delivery: ClaimedDelivery,
    piece: Piece,
    rungs: readonly TextWay[],
  ): Promise<TextWay> {
    // A piece in "sending" has an unknown outcome: whoever began it died before it could say.
    let order = rungs;
    for (let tries = piece.tries; tries < MAX_TRIES; tries += 1) {
      const isRepeated = tries > 0;
      delivery.caller.signal.throwIfAborted();
      await this.pieces.begin(delivery, piece.n, isRepeated);
      const text = isRepeated
        ? `${say('possiblyTwice', delivery.locale)}\n\n${piece.text}`
        : piece.text;
      try {
        const way = await this.climb(delivery, { ...piece, text }, order);
        // Whoever knows that it was sent says so when Postgres is back: nobody else could.
        await whileAway(this.clock, delivery.caller.signal, () =>
          this.pieces.sent(delivery, piece.n, way),
        );
        return way;
      } catch (error) {
        // A shutdown that cut the call off is no verdict: another sender goes on from the row.
        if (delivery.caller.signal.aborted) throw error;
        if (wasNotSent(error)) return await this.putBack(delivery, piece, error);
        if (error instanceof OutboundRefusedError) throw new UndeliverableError(error.code, error);
        if (!(error instanceof DingTalkError)) throw error;
        if (error.outcome !== 'unknown') throw new UndeliverableError(reasonOf(error), error);
        this.logger.warn('text of unknown outcome', {
          deliveryId: delivery.id,
          piece: piece.n,
          error,
        });
        // Whatever swallowed the answer swallows the next one, too: rather another way than the same again.
        order = [...order.slice(1), ...order.slice(0, 1)];
        if (tries + 1 < MAX_TRIES) await this.clock.sleep(REPEAT_AFTER_MS, delivery.caller.signal);
      }
    }
    throw new UndeliverableError('unknown_outcome');
  }

  /** It will be sent, only not now: nobody has seen it, so it counts as never begun. */
  private async putBack(delivery: ClaimedDelivery, piece: Piece, error: unknown): Promise<never> {
    await this.pieces.notSent(delivery, piece.n);
    throw error;
  }

  /** An explicit refusal: next rung at once. What only waits on one rung is worth more than a no on another. */
  private async climb(
    delivery: ClaimedDelivery,
    piece: Piece,
    rungs: readonly TextWay[],
  ): Promise<TextWay> {
    let failure: unknown = noRung(delivery);
    for (const way of rungs) {
      try {
        if (way === 'webhook') await this.byWebhook(delivery, piece);
        else await this.byRobot(delivery, piece);
        return way;
      } catch (error) {
        if (!isDefinite(error)) throw error;
        if (!wasNotSent(failure)) failure = error;
        this.logger.info('text refused', { deliveryId: delivery.id, way, error });
      }
    }
    throw failure;
  }

  private byWebhook(delivery: ClaimedDelivery, piece: Piece): Promise<void> {
    const { kind, staffId } = delivery.target;
    const url = delivery.replyWebhook ?? '';
    const atUserIds = kind === 'group' && staffId && isFirst(piece) ? [staffId] : [];
    const markdown = { title: titleOf(piece.text, delivery), text: piece.text };
    return this.calls.once(delivery.caller, WEBHOOK, ({ endpoint = null }, options) =>
      this.platform.webhooks.reply(url, { markdown, atUserIds }, { ...options, endpoint }),
    );
  }

  private async byRobot(delivery: ClaimedDelivery, piece: Piece): Promise<void> {
    const { kind, conversationId, staffId, robotCode } = delivery.target;
    const content = {
      kind: 'markdown',
      title: titleOf(piece.text, delivery),
      text: piece.text,
    } as const;
    const message = { robotCode, content };
    if (kind === 'group') {
      const group = { ...message, openConversationId: conversationId };
      await this.calls.once(delivery.caller, TO_GROUP, (app, options) =>
        this.platform.robots.sendToGroup(app, group, options),
      );
      return;
    }
    const person = { ...message, userId: staffId ?? '' };
    await this.calls.once(delivery.caller, TO_USER, (app, options) =>
      this.platform.robots.sendToUser(app, person, options),
    );
  }
}

/** The one that mentions the person. */
const isFirst = ({ n }: Piece): boolean => n === 1 || n > ASIDES;

/** The ways that may lead to the person, in the order that the allowances suggest. */
const rungsOf = ({ textWays, replyWebhook, target }: ClaimedDelivery): TextWay[] =>
  textWays.filter((way) =>
    way === 'webhook' ? replyWebhook !== null : target.kind === 'group' || target.staffId !== null,
  );

/** Why there is no way at all. */
const noRung = ({ textWays }: ClaimedDelivery): UndeliverableError =>
  new UndeliverableError(textWays.length < 2 ? 'quota' : 'no_recipient');

const reasonOf = (error: DingTalkError): string =>
  error instanceof DingTalkQuotaError ? 'quota' : error.code;

/** A no, or certainly no effect: another rung cannot make it twice. */
const isDefinite = (error: unknown): boolean =>
  error instanceof OutboundRefusedError ||
  (error instanceof DingTalkError && error.outcome !== 'unknown');

/** What the list of conversations shows: the first words without markup. */
function titleOf(text: string, { locale }: ClaimedDelivery): string {
  const words =
    renderMarkdown(text.slice(0, 2_000), 'plain')
      .split('\n')
      .find((one) => /[\p{L}\p{N}]/u.test(one))
      ?.trim() ?? '';
  return words === '' ? say('messageTitle', locale) : Array.from(words).slice(0, 30).join('');
}
