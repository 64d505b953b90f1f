import { Injectable } from '@nestjs/common';

import { DingTalkClient, DingTalkError, DingTalkThrottledError } from '@common/dingtalk';
import { say } from '@common/domain';
import { OutboundRefusedError } from '@common/outbound';
import { Logger } from '@common/logging';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { LeaseLostError } from '../platform/lease';
import { EgressStoppedError } from '../platform/egress-stopped.error';
import { type CallKind, PlatformCalls } from '../platform/platform-calls.service';
import { type Piece, PieceRepository } from './piece.repository';
import { UndeliverableError } from './undeliverable.error';

const WEBHOOK: CallKind = { path: 'sessionWebhook', purpose: 'text' };
const TO_USER: CallKind = { path: '/v1.0/robot/oToMessages/batchSend', purpose: 'text' };
const TO_GROUP: CallKind = { path: '/v1.0/robot/groupMessages/send', purpose: 'text' };
/** An unknown outcome is repeated once, marked; a second one is for the undelivered desk. */
const MAX_TRIES = 2;

type Way = 'webhook' | 'robot';

/** Markdown messages: through the session webhook, else through the robot API, piece by piece (design §3 Text pieces). */
@Injectable()
export class TextLadder {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly pieces: PieceRepository,
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
  ): Promise<Way | null> {
    let way: Way | null = null;
    let webhook = delivery.replyWebhook;
    for (const piece of await this.pieces.prepare(delivery, texts, firstNumber)) {
      if (piece.state === 'sent') continue;
      way = await this.sendPiece(delivery, piece, webhook);
      // A link that failed once is not tried for every piece.
      if (way === 'robot') webhook = null;
    }
    return way;
  }

  private async sendPiece(
    delivery: ClaimedDelivery,
    piece: Piece,
    webhook: string | null,
  ): Promise<Way> {
    // A piece in "sending" has an unknown outcome: whoever began it died before it could say.
    for (let tries = piece.tries; tries < MAX_TRIES; tries += 1) {
      const isRepeated = tries > 0;
      delivery.caller.signal.throwIfAborted();
      await this.pieces.begin(delivery, piece.n, isRepeated);
      const text = isRepeated
        ? `${say('possiblyTwice', delivery.locale)}\n\n${piece.text}`
        : piece.text;
      try {
        const way = await this.climb(delivery, { ...piece, text }, webhook);
        await this.pieces.sent(delivery, piece.n, way);
        return way;
      } catch (error) {
        // A shutdown that cut the call off is no verdict: another sender goes on from the row.
        if (delivery.caller.signal.aborted) throw error;
        if (wasNotSent(error)) return await this.putBack(delivery, piece, error);
        if (!(error instanceof DingTalkError)) throw error;
        if (error.outcome !== 'unknown') throw new UndeliverableError(error.code, error);
        this.logger.warn('text of unknown outcome', {
          deliveryId: delivery.id,
          piece: piece.n,
          error,
        });
      }
    }
    throw new UndeliverableError('unknown_outcome');
  }

  /** It will be sent, only not now: nobody has seen it, so it counts as never begun. */
  private async putBack(delivery: ClaimedDelivery, piece: Piece, error: unknown): Promise<never> {
    await this.pieces.notSent(delivery, piece.n);
    throw error;
  }

  /** An explicit refusal: next rung at once. */
  private async climb(
    delivery: ClaimedDelivery,
    piece: Piece,
    webhook: string | null,
  ): Promise<Way> {
    if (webhook !== null) {
      try {
        await this.byWebhook(delivery, piece, webhook);
        return 'webhook';
      } catch (error) {
        const isDefinite =
          error instanceof OutboundRefusedError ||
          (error instanceof DingTalkError && error.outcome !== 'unknown');
        if (!isDefinite) throw error;
        this.logger.info('session webhook refused', { deliveryId: delivery.id, error });
      }
    }
    await this.byRobot(delivery, piece);
    return 'robot';
  }

  private byWebhook(delivery: ClaimedDelivery, piece: Piece, url: string): Promise<void> {
    const { kind, staffId } = delivery.target;
    const atUserIds = kind === 'group' && staffId && piece.n === 1 ? [staffId] : [];
    const markdown = { title: titleOf(piece.text, delivery), text: piece.text };
    return this.calls.once(delivery.caller, WEBHOOK, (_app, options) =>
      this.platform.webhooks.reply(url, { markdown, atUserIds }, options),
    );
  }

  private async byRobot(delivery: ClaimedDelivery, piece: Piece): Promise<void> {
    const { kind, conversationId, staffId, robotCode } = delivery.target;
    const message = { robotCode, title: titleOf(piece.text, delivery), text: piece.text };
    if (kind === 'group') {
      const group = { ...message, openConversationId: conversationId };
      await this.calls.once(delivery.caller, TO_GROUP, (app, options) =>
        this.platform.robots.sendToGroup(app, group, options),
      );
      return;
    }
    if (staffId === null) throw new UndeliverableError('no_recipient');
    const person = { ...message, userId: staffId };
    await this.calls.once(delivery.caller, TO_USER, (app, options) =>
      this.platform.robots.sendToUser(app, person, options),
    );
  }
}

/** Passing troubles that certainly had no effect: a later attempt may send the piece as if for the first time. */
const wasNotSent = (error: unknown): boolean =>
  error instanceof LeaseLostError ||
  error instanceof EgressStoppedError ||
  error instanceof DingTalkThrottledError ||
  (error instanceof DingTalkError && error.outcome === 'not_processed');

/** What the list of conversations shows: the first words without markup. */
function titleOf(text: string, { locale }: ClaimedDelivery): string {
  const line = text.split('\n').find((one) => /[\p{L}\p{N}]/u.test(one)) ?? '';
  const words = line.replace(/[#>*`_~[\]()|]/g, '').trim();
  return words === '' ? say('messageTitle', locale) : Array.from(words).slice(0, 30).join('');
}
