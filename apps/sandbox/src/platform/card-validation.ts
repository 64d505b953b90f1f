import { templateOf, type CardTemplate } from '../world/templates';
import type { Card } from '../world/card';
import { badRequest } from './api-error';
import { isRecord, text, type ApiCall } from './api-route';

type Body = Readonly<Record<string, unknown>>;
type Params = Record<string, string>;

const SPACE_MODELS = [
  'imGroupOpenSpaceModel',
  'imRobotOpenSpaceModel',
  'imSingleOpenSpaceModel',
] as const;

/** The outTrackId of a request: present and at most 100 characters. @throws ApiError */
export function outTrackIdOf(body: Body): string {
  const id = text(body, 'outTrackId');
  if (!id) throw badRequest('param.outTrackIdEmpty', 'outTrackId is empty');
  if (id.length > 100) throw badRequest('param.invalid', 'outTrackId is too long');
  return id;
}

/** The template of a create request. @throws ApiError when absent or unknown (C80) */
export function templateOfRequest(body: Body): CardTemplate {
  const id = text(body, 'cardTemplateId');
  if (!id) throw badRequest('param.cardTemplateIdEmpty', 'cardTemplateId is empty');
  const template = templateOf(id);
  if (!template) throw badRequest('param.templateNotExist', 'template is not exist');
  return template;
}

/** The `cardParamMap` of a data part; every value must be a string (C80, §6.5). @throws ApiError */
export function paramsOf(part: unknown): Params | undefined {
  if (part === undefined || part === null) return undefined;
  if (!isRecord(part)) throw badRequest('param.invalid', 'card data is not an object');
  const map = part['cardParamMap'] ?? {};
  if (!isRecord(map)) throw badRequest('param.invalid', 'cardParamMap is not an object');
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string')
      throw badRequest('param.invalid', `value of ${key} is not a string`);
    if (Buffer.byteLength(key) > 100) throw badRequest('param.invalid', 'a key is too long');
  }
  return map as Params;
}

/** Per-user data, keyed by user id. @throws ApiError */
export function privateDataOf(body: Body): Record<string, Params> {
  const data = body['privateData'];
  if (data === undefined || data === null) return {};
  if (!isRecord(data)) throw badRequest('param.invalid', 'privateData is not an object');
  return Object.fromEntries(
    Object.entries(data).map(([user, part]) => [user, paramsOf(part) ?? {}]),
  );
}

/** Checks of a create request that have no value to give back. @throws ApiError (C80) */
export function checkCreate(body: Body): void {
  if (!isRecord(body['cardData']))
    throw badRequest('param.cardPublicDataEmpty', 'cardData is empty');
  const callbackType = body['callbackType'];
  if (callbackType !== undefined && callbackType !== 'STREAM' && callbackType !== 'HTTP') {
    throw badRequest('param.invalid', 'callbackType must be STREAM or HTTP');
  }
  for (const name of SPACE_MODELS) {
    const model = body[name];
    if (model === undefined) continue;
    if (!isRecord(model) || typeof model['supportForward'] !== 'boolean') {
      throw badRequest('param.openSpaceModelInvalid', `${name}.supportForward is missing`);
    }
  }
}

/** The caller's own card. @throws ApiError with the code that this API uses for an unknown one */
export function ownCard(call: ApiCall, unknown = 'param.cardNotExist'): Card {
  const card = call.world.cards.get(call.app.clientId, outTrackIdOf(call.body));
  if (!card) throw badRequest(unknown, 'card is not exist');
  return card;
}

/** An update of a card whose callback still waits for its ack is against the rules (C92). */
export function reportUpdateDuringCallback({ world }: ApiCall, card: Card, api: string): void {
  if (card.openCallbacks === 0) return;
  world.violation('updateDuringCallback', card.clientId, { outTrackId: card.outTrackId, api });
}
