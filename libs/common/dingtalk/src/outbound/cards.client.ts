import { asObject } from '../wire/tolerant';
import type { AppCredentials, CallOptions } from '../open-api/app-credentials';
import { DingTalkError } from '../open-api/dingtalk.errors';
import type { ApiCall, OpenApi } from '../open-api/open-api.client';
import { asCardError } from './card.errors';

const INSTANCES = '/v1.0/card/instances';

export type CardTarget =
  | {
      readonly kind: 'group';
      /** The `openConversationId`. */
      readonly conversationId: string;
      readonly robotCode: string;
      readonly mention?: { readonly userId: string; readonly name: string } | undefined;
    }
  | { readonly kind: 'direct'; readonly userId: string; readonly robotCode: string };

export interface NewCard {
  /** Chosen by us: the same id makes the same card, however often it is created (C82). */
  readonly outTrackId: string;
  readonly templateId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly target: CardTarget;
  /** What the list of conversations shows. */
  readonly lastMessage: string;
}

export interface CardDelivery {
  readonly delivered: boolean;
  /** Why not, in the platform's words. */
  readonly reason?: string;
  /** True when the card existed: an earlier call with an unknown outcome had its effect. */
  readonly repeated?: true;
  /** Names the message for recall and read status. */
  readonly processQueryKey?: string;
}

export interface CardFrame {
  readonly outTrackId: string;
  /** New for each text; the same again only to repeat a call of unknown outcome (messaging reference §6.6). */
  readonly guid: string;
  /** The streaming variable of the template. */
  readonly key: string;
  /** The whole text so far. */
  readonly content: string;
  readonly isFinalize: boolean;
  readonly isError: boolean;
}

/** Interactive cards (messaging reference §6). All calls are idempotent by `outTrackId` and `guid`. */
export class Cards {
  constructor(private readonly api: OpenApi) {}

  /**
   * Creates and delivers in one call, so that no empty card shows. Decides on `deliverResults` alone: the outer
   * `success` is true even when nobody got the card (C81).
   * @throws CardTemplateError · CardContentUnsafeError · DingTalkError
   */
  async create(app: AppCredentials, card: NewCard, options?: CallOptions): Promise<CardDelivery> {
    const body = { ...instanceOf(card), ...placeOf(card) };
    try {
      const path = `${INSTANCES}/createAndDeliver`;
      return deliveryOf(await this.api.call({ app, method: 'POST', path, body }, options));
    } catch (error) {
      const code = error instanceof DingTalkError ? error.platformCode?.toLowerCase() : null;
      if (code === 'param.cardalreadyexist') return { delivered: true, repeated: true };
      throw asCardError(error);
    }
  }

  /**
   * Shows a text. `isFinalize` or `isError` close the stream; nothing may follow.
   * @throws CardNotExistError · CardTemplateMismatchError · CardContentTooLargeError · CardContentUnsafeError · DingTalkError
   */
  async stream(app: AppCredentials, frame: CardFrame, options?: CallOptions): Promise<void> {
    // `isFull` is false by default, and refused so for Markdown variables.
    await this.send(
      { app, method: 'PUT', path: '/v1.0/card/streaming', body: { ...frame, isFull: true } },
      options,
    );
  }

  /** Changes these variables and leaves the others alone (C91). */
  async update(
    app: AppCredentials,
    {
      outTrackId,
      params,
    }: { readonly outTrackId: string; readonly params: Readonly<Record<string, string>> },
    options?: CallOptions,
  ): Promise<void> {
    const body = {
      outTrackId,
      cardData: { cardParamMap: params },
      cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
      userIdType: 1,
    };
    await this.send({ app, method: 'PUT', path: INSTANCES, body }, options);
  }

  /**
   * Creates a card that is delivered to nobody: tells whether template and permission are fine without users noticing.
   * @throws CardTemplateError · DingTalkScopeMissingError · DingTalkError
   */
  async prepare(
    app: AppCredentials,
    card: Pick<NewCard, 'outTrackId' | 'templateId' | 'params'>,
    options?: CallOptions,
  ): Promise<void> {
    await this.send({ app, method: 'POST', path: INSTANCES, body: instanceOf(card) }, options);
  }

  private async send(call: ApiCall, options?: CallOptions): Promise<void> {
    try {
      await this.api.call(call, options);
    } catch (error) {
      throw asCardError(error);
    }
  }
}

const instanceOf = (card: Pick<NewCard, 'outTrackId' | 'templateId' | 'params'>): object => ({
  cardTemplateId: card.templateId,
  outTrackId: card.outTrackId,
  callbackType: 'STREAM',
  cardData: { cardParamMap: card.params },
  userIdType: 1,
});

function placeOf({ target, lastMessage }: NewCard): object {
  const space = {
    supportForward: true,
    lastMessageI18n: { ZH_CN: lastMessage, EN_US: lastMessage },
  };
  if (target.kind === 'direct')
    return {
      openSpaceId: `dtv1.card//IM_ROBOT.${target.userId}`,
      imRobotOpenSpaceModel: space,
      imRobotOpenDeliverModel: {
        spaceType: 'IM_ROBOT',
        robotCode: target.robotCode,
        extension: { dynamicSummary: 'true' },
      },
    };
  const { mention } = target;
  return {
    openSpaceId: `dtv1.card//IM_GROUP.${target.conversationId}`,
    imGroupOpenSpaceModel: space,
    imGroupOpenDeliverModel: {
      robotCode: target.robotCode,
      ...(mention ? { atUserIds: { [mention.userId]: mention.name } } : {}),
    },
    ...(mention ? { cardAtUserIds: [mention.userId] } : {}),
  };
}

/** An answer without results counts as delivered: the card exists, and nothing says that it was not shown. */
function deliveryOf(body: Readonly<Record<string, unknown>>): CardDelivery {
  const results = asObject(body['result'])?.['deliverResults'];
  const list = (Array.isArray(results) ? results : []).map(
    (entry: unknown) => asObject(entry) ?? {},
  );
  const failed = list.find(({ success }) => success === false || success === 'false');
  if (failed) {
    const reason = failed['errorMsg'];
    return {
      delivered: false,
      reason: typeof reason === 'string' && reason ? reason.slice(0, 200) : 'not delivered',
    };
  }
  const carrierId = list[0]?.['carrierId'];
  return {
    delivered: true,
    ...(typeof carrierId === 'string' && carrierId ? { processQueryKey: carrierId } : {}),
  };
}
