import { Card } from '../world/card';
import { ApiError, badRequest } from './api-error';
import { isRecord, ok, text, type ApiCall, type ApiRoute } from './api-route';
import {
  checkDeliverModels,
  deliverCard,
  refusedResult,
  spacesOf,
  type DeliverResult,
} from './card-spaces';
import {
  checkCreate,
  outTrackIdOf,
  ownCard,
  paramsOf,
  privateDataOf,
  reportUpdateDuringCallback,
  templateOfRequest,
} from './card-validation';

export const cardApi = {
  style: 'new',
  auth: 'token',
  scope: 'Card.Instance.Write',
  billed: 'api',
  limited: 'app',
} as const;

/** The new card, or undefined when this outTrackId exists and the platform keeps silent about it (C82). */
function createCard(call: ApiCall): Card | undefined {
  const { world, app, body } = call;
  const template = templateOfRequest(body);
  const outTrackId = outTrackIdOf(body);
  checkCreate(body);
  const params = paramsOf(body['cardData']) ?? {};
  const privateData = privateDataOf(body);
  if (world.cards.get(app.clientId, outTrackId)) {
    if (world.settings.repeatedCreate === 'silent') return undefined;
    throw badRequest('param.cardAlreadyExist', 'card is already exist');
  }
  const card = new Card(
    outTrackId,
    app.clientId,
    template,
    text(body, 'callbackType'),
    params,
    world.now(),
  );
  card.privateData = privateData;
  world.cards.add(card);
  return card;
}

const create: ApiRoute = {
  ...cardApi,
  name: 'create',
  method: 'POST',
  path: '/v1.0/card/instances',
  handle(call) {
    createCard(call);
    return ok({ success: true, result: call.body['outTrackId'] });
  },
};

/** Delivery as the faults of this call allow it (C81). */
function deliver(call: ApiCall, card: Card): DeliverResult[] {
  const spaces = spacesOf(call.body);
  if (call.deliverFalse) return spaces.map((space) => refusedResult(space, 'SYSTEM_ERROR'));
  return deliverCard(call.world, card, call.body, spaces);
}

const deliverRoute: ApiRoute = {
  ...cardApi,
  name: 'deliver',
  method: 'POST',
  path: '/v1.0/card/instances/deliver',
  handle(call) {
    const card = ownCard(call);
    checkDeliverModels(call.body, spacesOf(call.body), call.app.robotCode);
    return ok({ success: true, result: deliver(call, card) });
  },
};

/** Create and deliver in one (§6.4): the outer success says nothing about the delivery. */
const createAndDeliver: ApiRoute = {
  ...cardApi,
  name: 'createAndDeliver',
  method: 'POST',
  path: '/v1.0/card/instances/createAndDeliver',
  handle(call) {
    const { body } = call;
    const spaces = spacesOf(body);
    checkDeliverModels(body, spaces, call.app.robotCode);
    const card = createCard(call);
    const outTrackId = outTrackIdOf(body);
    if (call.createdButNotDelivered)
      throw new ApiError(504, 'ServiceUnavailable', 'backend timeout');
    if (!card) return ok({ success: true, result: { outTrackId } });
    return ok({ success: true, result: { outTrackId, deliverResults: deliver(call, card) } });
  },
};

/** Update (§6.4): without `updateCardDataByKey` it overwrites (C91). */
const update: ApiRoute = {
  ...cardApi,
  name: 'update',
  method: 'PUT',
  path: '/v1.0/card/instances',
  handle(call) {
    const { world, body } = call;
    const card = ownCard(call);
    const params = paramsOf(body['cardData']);
    const privateData = privateDataOf(body);
    if (!params && Object.keys(privateData).length === 0) {
      throw badRequest('param.cardDataAndPrivateDataBothEmpty', 'nothing to update');
    }
    reportUpdateDuringCallback(call, card, 'update');
    const options = isRecord(body['cardUpdateOptions']) ? body['cardUpdateOptions'] : {};
    const byKey = options['updateCardDataByKey'] === true;
    const dropped = Object.keys(card.params).filter((key) => params && !byKey && !(key in params));
    if (dropped.length > 0) {
      const { outTrackId, clientId } = card;
      world.violation('updateClearsVariables', clientId, { outTrackId, dropped });
    }
    if (params) card.update(params, byKey, world.now());
    mergePrivate(card, privateData, options['updatePrivateDataByKey'] === true);
    world.publish('card', card);
    return ok({ success: true, result: true });
  },
};

function mergePrivate(
  card: Card,
  data: Record<string, Record<string, string>>,
  byKey: boolean,
): void {
  for (const [userId, params] of Object.entries(data)) {
    card.privateData[userId] = byKey ? { ...card.privateData[userId], ...params } : params;
  }
}

/** Adds a space model to a card; the sandbox only checks it. */
const spaces: ApiRoute = {
  ...cardApi,
  name: 'spaces',
  method: 'PUT',
  path: '/v1.0/card/instances/spaces',
  handle(call) {
    ownCard(call);
    const model = Object.keys(call.body).some((key) => key.endsWith('OpenSpaceModel'));
    if (!model) throw badRequest('param.openSpaceModelInvalid', 'no space model');
    checkCreate({ ...call.body, cardData: {} });
    return ok({ success: true, result: true });
  },
};

const closeTop: ApiRoute = {
  ...cardApi,
  name: 'closeTop',
  method: 'POST',
  path: '/v1.0/card/tops/close',
  handle: ({ world, app, query }) => {
    if (!world.cards.get(app.clientId, query.get('outTrackId') ?? ''))
      throw badRequest('param.cardNotExist');
    return ok({ success: true, result: true });
  },
};

/** HTTP-mode callbacks: registered and validated, never called; the sandbox pushes over Stream only. */
const registerCallback: ApiRoute = {
  ...cardApi,
  name: 'registerCallback',
  method: 'POST',
  path: '/v1.0/card/callbacks/register',
  handle: ({ body }) => {
    if (!text(body, 'callbackRouteKey') || !URL.canParse(text(body, 'callbackUrl') ?? '')) {
      throw badRequest('param.empty', 'callbackRouteKey or callbackUrl is empty');
    }
    return ok({
      success: true,
      result: { callbackUrl: body['callbackUrl'], apiSecret: 'sandbox' },
    });
  },
};

export const cardRoutes: readonly ApiRoute[] = [
  create,
  deliverRoute,
  createAndDeliver,
  update,
  spaces,
  closeTop,
  registerCallback,
];
