import { Injectable } from '@nestjs/common';

import {
  askingParams,
  CardNotExistError,
  closingParams,
  endedParams,
  DingTalkClient,
  DingTalkError,
  DingTalkScopeMissingError,
  openingParams,
  templateOf,
} from '@common/dingtalk';
import { type Ask, say } from '@common/domain';
import { derivedId } from '@common/kernel';
import { Logger } from '@common/logging';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { DeliveryRepository } from '../delivery/delivery.repository';
import { EgressStoppedError } from '../platform/egress-stopped.error';
import { LeaseLostError } from '../platform/lease';
import { type CallKind, PlatformCalls } from '../platform/platform-calls.service';
import { CardNotices } from './card-notices.service';
import { withMark } from '../text/answer-pieces';
import { cardTargetOf } from './card-target';

const CREATE: CallKind = { path: '/v1.0/card/instances/createAndDeliver', purpose: 'create' };
const STREAM: CallKind = { path: '/v1.0/card/streaming', purpose: 'final' };
const UPDATE: CallKind = { path: '/v1.0/card/instances', purpose: 'final' };

/**
 * One AI card per delivery: created at once, streamed, ended once. The card's id is the delivery's, so creating it again
 * makes no second one, whoever does it.
 *
 * Call sequences (messaging reference §6.6):
 * - public templates (`flow_status`): create (`flowStatus` 2) → streaming … → streaming `isFinalize` → update
 *   `flowStatus` 3; pace `off`: create (1) → update (text, 3). Never streamed while the budget is tight: create (2) →
 *   update (text, 3).
 * - own templates (`native`): create → streaming … → streaming `isFinalize`; pace `off`: create → streaming `isFinalize`.
 *   With buttons one update more: `carillonState` done.
 */
@Injectable()
export class CardShow {
  /** Deliveries whose card was gone and was created once more; a second loss ends in text. */
  private readonly createdAgain = new WeakSet<ClaimedDelivery>();
  /** Deliveries whose card was streamed by this claim. */
  private readonly streamed = new WeakSet<ClaimedDelivery>();

  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly deliveries: DeliveryRepository,
    private readonly notices: CardNotices,
    private readonly logger: Logger,
  ) {}

  /** True when the card can be seen. False: this delivery goes on in text. Repeating it is the identical call. */
  async create(
    delivery: ClaimedDelivery,
    text = say('thinking', delivery.locale),
  ): Promise<boolean> {
    const template = templateOf(delivery.card);
    const card = {
      outTrackId: delivery.id,
      templateId: template.id,
      params: openingParams(template, text, delivery.card.pace !== 'off'),
      target: cardTargetOf(delivery.target),
      lastMessage: say('messageTitle', delivery.locale),
    };
    // A card may be there before we hear a no: of a sender before us, or of our own first try.
    let mayExist = delivery.attempt > 1;
    try {
      const { delivered, reason, processQueryKey } = await this.calls.repeatable(
        delivery.caller,
        CREATE,
        (app, options) =>
          this.platform.cards.create(app, card, options).catch((error: unknown) => {
            mayExist ||= error instanceof DingTalkError && error.outcome === 'unknown';
            throw error;
          }),
      );
      if (!delivered) this.logger.warn('card not delivered', { deliveryId: delivery.id, reason });
      await this.deliveries.setCardState(
        delivery,
        delivered ? 'open' : 'refused',
        processQueryKey ?? null,
      );
      return delivered;
    } catch (error) {
      return this.doWithout(delivery, error, mayExist ? 'debt' : 'refused');
    }
  }

  /**
   * An intermediate frame: waits for the budget, then shows what `newest` says; null when there is nothing new.
   * @param number new for every try, so that no text of unknown outcome hides a later one behind its guid
   * @param wanted aborted when no frame is of use any more
   * @returns whether it was shown @throws when the card is unusable
   */
  async frame(
    delivery: ClaimedDelivery,
    newest: () => Promise<string | null>,
    number: number,
    wanted: AbortSignal,
  ): Promise<boolean> {
    // A first frame costs two calls: itself, and the final frame that must then close the stream.
    if (this.needsNoStream(delivery) && this.calls.isTight(delivery.caller)) return false;
    const guid = derivedId('frame', delivery.id, String(delivery.attempt), String(number));
    try {
      return await this.calls.frame(delivery.caller, STREAM.path, wanted, async (app, options) => {
        const text = await newest();
        if (text === null) return false;
        const frame = { ...this.frameOf(delivery, text), guid, isFinalize: false };
        this.streamed.add(delivery);
        await this.platform.cards.stream(app, frame, options);
        return true;
      });
    } catch (error) {
      if (await this.couldCreateAgain(delivery, error)) return false;
      if (error instanceof EgressStoppedError) return false;
      // Coalesced into the next one; only a definite no about the card itself ends its use.
      if (!(error instanceof DingTalkError)) throw error;
      if (error.outcome !== 'refused' || error.retry !== 'never') return false;
      await this.notices.remember(delivery, error);
      throw error;
    }
  }

  /** What the buttons of an own template offer while a person is asked; null: they are those of a running answer again. */
  async asks(delivery: ClaimedDelivery, ask: Ask | null): Promise<void> {
    if (templateOf(delivery.card).hasButtons) await this.close(delivery, askingParams(ask), false);
  }

  /**
   * The last frame carries the committed text. False: the text must be shown in another way.
   * @param mark the line that says who wrote it; null for none
   */
  async finish(
    delivery: ClaimedDelivery,
    text: string,
    { mark = null, isFailed = false }: { mark?: string | null; isFailed?: boolean } = {},
  ): Promise<boolean> {
    // From here on nobody else may write, and whoever takes over repeats just this frame.
    if (!(await this.deliveries.setCardState(delivery, 'finalising'))) throw new LeaseLostError();
    const template = templateOf(delivery.card);
    const updatesOnly =
      this.needsNoStream(delivery) &&
      (delivery.card.pace === 'off' || this.calls.isTight(delivery.caller));
    try {
      // Own templates have no variable of ours for the mark: it is the last line of their text.
      const whole = template.family === 'native' ? withMark(text, mark) : text;
      if (!updatesOnly) await this.finalFrame(delivery, whole);
      if (template.family === 'flow_status')
        await this.close(delivery, closingParams(template, text, mark), updatesOnly);
      else if (template.hasButtons) await this.close(delivery, endedParams(isFailed), false);
      return true;
    } catch (error) {
      if (await this.couldCreateAgain(delivery, error))
        return this.finish(delivery, text, { mark, isFailed });
      return this.doWithout(delivery, error, 'debt');
    }
  }

  /**
   * Ends a card whose answer went out as text, or not at all; its delivery may have words for it. A create of unknown
   * outcome may still be under way when the platform first says that there is no such card; later on its word is good,
   * and there is nothing to end.
   * @returns whether it could be ended
   */
  async payDebt(delivery: ClaimedDelivery, { mayBeAbsent = false } = {}): Promise<boolean> {
    try {
      const text = delivery.text ?? say('answerBelow', delivery.locale);
      const template = templateOf(delivery.card);
      const hasLook = template.family === 'flow_status';
      const isStreamed = await this.lastFrameOfDebt(delivery, text, hasLook);
      if (hasLook) await this.close(delivery, closingParams(template, text), !isStreamed);
      else if (template.hasButtons) await this.close(delivery, endedParams(true), false);
      return true;
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      if (mayBeAbsent && error instanceof CardNotExistError) return true;
      this.logger.warn('card not closed', { deliveryId: delivery.id, error });
      return false;
    }
  }

  /** Where a variable drives the look, an update alone ends a card that may not be streamed (its scope is missing). */
  private async lastFrameOfDebt(
    delivery: ClaimedDelivery,
    text: string,
    canDoWithout: boolean,
  ): Promise<boolean> {
    try {
      await this.finalFrame(delivery, text, 'debt');
      return true;
    } catch (error) {
      if (canDoWithout && error instanceof DingTalkScopeMissingError) return false;
      throw error;
    }
  }

  /**
   * The public templates need the final frame only to close a stream that was opened; else an update ends the card. In a
   * group an update may not show before there was a stream (§6.6): there nobody saves it who was not told to.
   */
  private needsNoStream(delivery: ClaimedDelivery): boolean {
    if (templateOf(delivery.card).family !== 'flow_status') return false;
    if (delivery.card.pace === 'off') return true;
    const isUnopened = delivery.cardState === 'creating' && !this.streamed.has(delivery);
    return isUnopened && delivery.target.kind === 'direct';
  }

  private async couldCreateAgain(delivery: ClaimedDelivery, error: unknown): Promise<boolean> {
    if (!(error instanceof CardNotExistError) || this.createdAgain.has(delivery)) return false;
    this.createdAgain.add(delivery);
    return this.create(delivery);
  }

  private async finalFrame(delivery: ClaimedDelivery, text: string, kind = 'final'): Promise<void> {
    // Derived from what it says: a repetition after an unknown outcome is the same call.
    const guid = derivedId(kind, delivery.id);
    await this.calls.repeatable(delivery.caller, STREAM, (app, options) =>
      this.platform.cards.stream(
        app,
        { ...this.frameOf(delivery, text), guid, isFinalize: true },
        options,
      ),
    );
  }

  /** The finished look, or the buttons. After a final frame the text is there, so failing is no loss. */
  private async close(
    delivery: ClaimedDelivery,
    params: Record<string, string>,
    isOnlyCall: boolean,
  ): Promise<void> {
    try {
      await this.calls.repeatable(delivery.caller, UPDATE, (app, options) =>
        this.platform.cards.update(app, { outTrackId: delivery.id, params }, options),
      );
    } catch (error) {
      if (isOnlyCall || !(error instanceof DingTalkError)) throw error;
      this.logger.warn('card keeps its running look', { deliveryId: delivery.id, error });
    }
  }

  private frameOf(delivery: ClaimedDelivery, content: string) {
    return {
      outTrackId: delivery.id,
      key: templateOf(delivery.card).contentKey,
      content,
      isError: false,
    };
  }

  private async doWithout(
    delivery: ClaimedDelivery,
    error: unknown,
    state: 'refused' | 'debt',
  ): Promise<false> {
    if (!(error instanceof DingTalkError) || delivery.caller.signal.aborted) throw error;
    this.logger.warn('card given up', {
      deliveryId: delivery.id,
      channelId: delivery.channelId,
      code: error.code,
      error,
    });
    await this.notices.remember(delivery, error);
    await this.deliveries.setCardState(delivery, state);
    return false;
  }
}
