import type { HttpPusher } from '../callbacks/http-pusher';
import type { Card } from '../world/card';
import type { World } from '../world/world';
import type { ConnectionPool } from './connection-pool';
import { Delivery } from './delivery';
import type { DeliveryDesk } from './delivery-desk';
import { TOPIC_CARD } from './frames';

/** A click on a card. */
export interface CardAction {
  readonly card: Card;
  readonly userId: string;
  readonly actionId: string;
  readonly via?: 'stream' | 'http' | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** Laid over the payload; null removes a field (C93). */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** What became of it. `pushed` false: nobody to push to, or the card has no Stream callbacks. */
export interface CardActionResult {
  readonly pushed: boolean;
  readonly acked: boolean;
  readonly code: number | null;
  readonly response: unknown;
  readonly tookMs: number | null;
  readonly reason?: 'not_stream' | 'not_connected' | 'no_ack';
}

const NOT_PUSHED = {
  pushed: false,
  acked: false,
  code: null,
  response: null,
  tookMs: null,
} as const;

/** Pushes card callbacks and applies what the ack says (§6.8, C92). */
export class CardActions {
  constructor(
    private readonly world: World,
    private readonly pool: ConnectionPool,
    private readonly desk: DeliveryDesk,
    private readonly pusher: HttpPusher,
  ) {}

  async click(action: CardAction): Promise<CardActionResult> {
    const { card } = action;
    if (action.via === 'http' || (card.callbackType !== 'STREAM' && action.via === undefined))
      return this.clickOverHttp(action);
    if (card.callbackType !== 'STREAM') return { ...NOT_PUSHED, reason: 'not_stream' };
    const connection = this.pool.pick(card.clientId, 'CALLBACK', TOPIC_CARD);
    if (!connection) return { ...NOT_PUSHED, reason: 'not_connected' };
    const data = JSON.stringify(this.payload(action));
    const delivery = new Delivery(
      card.clientId,
      'card',
      'CALLBACK',
      TOPIC_CARD,
      data,
      card.outTrackId,
    );
    const startedAt = Date.now();
    card.openCallbacks += 1;
    const ack = await this.firstAck(delivery, () => this.desk.submit(delivery, connection));
    card.openCallbacks -= 1;
    if (!ack) {
      this.world.violation('callbackNotAcked', card.clientId, { outTrackId: card.outTrackId });
      return { ...NOT_PUSHED, pushed: true, reason: 'no_ack' };
    }
    this.apply(card, action.userId, ack.data);
    const response = (ack.data as { response?: unknown } | undefined)?.response ?? null;
    return { pushed: true, acked: true, code: ack.code, response, tookMs: Date.now() - startedAt };
  }

  /** The object that Stream wraps in `response` is the body here (E130). */
  private async clickOverHttp(action: CardAction): Promise<CardActionResult> {
    const { card, userId } = action;
    const app = this.world.directory.app(card.clientId);
    const callbacks = this.world.httpCallbacks.get(card.clientId);
    if (!app || !callbacks?.cardsUrl) return { ...NOT_PUSHED, reason: 'not_stream' };
    const startedAt = Date.now();
    card.openCallbacks += 1;
    const { status, body } = await this.pusher.card(
      app,
      callbacks,
      this.payload(action),
      card.outTrackId,
    );
    card.openCallbacks -= 1;
    const tookMs = Date.now() - startedAt;
    if (status !== 200) {
      const detail = { outTrackId: card.outTrackId, status };
      this.world.violation('callbackNotAcked', card.clientId, detail);
      return { ...NOT_PUSHED, pushed: true, code: status, reason: 'no_ack' };
    }
    this.apply(card, userId, { response: body });
    return { pushed: true, acked: true, code: status, response: body ?? null, tookMs };
  }

  private firstAck(
    delivery: Delivery,
    submit: () => void,
  ): Promise<{ code: number; data: unknown } | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), this.world.settings.callbackMs);
      delivery.onAck = (ack) => {
        clearTimeout(timer);
        resolve(ack);
      };
      submit();
    });
  }

  private payload({
    card,
    userId,
    actionId,
    params,
    overrides,
  }: CardAction): Record<string, unknown> {
    const space = card.spaces[0];
    const payload = {
      type: 'actionCallback',
      outTrackId: card.outTrackId,
      corpId: this.world.directory.corp.corpId,
      userId,
      userIdType: 1,
      spaceId: space?.conversationId ?? '',
      spaceType: 'im',
      extension: '{}',
      content: JSON.stringify({ cardPrivateData: { actionIds: [actionId], params } }),
      ...overrides,
    };
    return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null));
  }

  private apply(card: Card, userId: string, data: unknown): void {
    const response = (data as { response?: Record<string, unknown> | null } | undefined)?.response;
    if (!response) return;
    const options = response['cardUpdateOptions'] as Record<string, unknown> | undefined;
    const params = stringMap(response['cardData']);
    if (params) card.update(params, options?.['updateCardDataByKey'] === true, this.world.now());
    const own = stringMap(response['userPrivateData']);
    if (own) card.privateData[userId] = { ...card.privateData[userId], ...own };
    this.world.publish('card', card);
  }
}

/** The cardParamMap of a part of the ack; undefined when it has none or a value is no string. */
function stringMap(part: unknown): Record<string, string> | undefined {
  const map = (part as { cardParamMap?: unknown } | undefined)?.cardParamMap;
  if (typeof map !== 'object' || map === null) return undefined;
  const entries = Object.entries(map);
  if (entries.length === 0 || entries.some(([, value]) => typeof value !== 'string'))
    return undefined;
  return Object.fromEntries(entries) as Record<string, string>;
}
