import type { World } from '../world/world';
import { newProcessQueryKey } from '../world/ids';
import type { Card } from '../world/card';
import type { CardEntry, Mention } from '../world/conversation.types';
import { badRequest } from './api-error';
import { isRecord, text } from './api-route';

type Body = Readonly<Record<string, unknown>>;

/** One place of an `openSpaceId` (§6.3). */
export interface SpaceTarget {
  readonly spaceType: 'IM_GROUP' | 'IM_ROBOT' | 'IM_SINGLE' | 'ONE_BOX';
  readonly spaceId: string;
}

export interface DeliverResult {
  readonly spaceType: string;
  readonly spaceId: string;
  readonly success: boolean;
  readonly carrierId: string;
  readonly errorMsg: string;
}

const PREFIX = 'dtv1.card//';
const MODELS = {
  IM_GROUP: 'imGroupOpenDeliverModel',
  IM_ROBOT: 'imRobotOpenDeliverModel',
  IM_SINGLE: 'imSingleOpenDeliverModel',
  ONE_BOX: 'topOpenDeliverModel',
} as const;

/** @throws ApiError when the id is empty, too long, or not of the documented form */
export function spacesOf(body: Body): SpaceTarget[] {
  const id = text(body, 'openSpaceId');
  if (!id) throw badRequest('param.openSpaceIdEmpty', 'openSpaceId is empty');
  if (id.length > 1_000 || !id.startsWith(PREFIX)) throw invalidSpace();
  return id
    .slice(PREFIX.length)
    .split(';')
    .map((part) => {
      const match = /^(IM_GROUP|IM_ROBOT|IM_SINGLE|ONE_BOX)\.(.+)$/.exec(part);
      if (!match) throw invalidSpace();
      return { spaceType: match[1] as SpaceTarget['spaceType'], spaceId: match[2] ?? '' };
    });
}

const invalidSpace = () => badRequest('param.openSpaceIdInvalid', 'openSpaceId is invalid');

/** Each space needs its deliver model, the group one with a robotCode. @throws ApiError */
export function checkDeliverModels(
  body: Body,
  spaces: readonly SpaceTarget[],
  robotCode: string,
): void {
  for (const { spaceType } of spaces) {
    const model = body[MODELS[spaceType]];
    if (!isRecord(model))
      throw badRequest('param.openDeliverModelEmpty', `${MODELS[spaceType]} is empty`);
    const given = text(model, 'robotCode');
    if (spaceType === 'IM_GROUP' && !given)
      throw badRequest('param.openDeliverModelError', 'robotCode is empty');
    if (given && given !== robotCode)
      throw badRequest('param.openDeliverModelError', 'robotCode is wrong');
    if (spaceType === 'IM_ROBOT' && model['spaceType'] !== 'IM_ROBOT') {
      throw badRequest('param.openDeliverModelError', 'spaceType must be IM_ROBOT');
    }
  }
}

/** Makes the card visible in every space and says how each went. */
export function deliverCard(
  world: World,
  card: Card,
  body: Body,
  spaces: readonly SpaceTarget[],
): DeliverResult[] {
  return spaces.map((space) => {
    const conversationId = conversationOf(world, card.clientId, space, body['userIdType'] === 2);
    if (conversationId === undefined) return refusedResult(space, 'SPACE_NOT_FOUND');
    const carrierId = newProcessQueryKey();
    const spaceType = space.spaceType === 'IM_ROBOT' ? 'IM_ROBOT' : 'IM_GROUP';
    card.spaces.push({ spaceType, spaceId: space.spaceId, conversationId, carrierId });
    const mentions = space.spaceType === 'IM_ROBOT' ? [] : mentionsOf(world, body);
    showCard(world, card, conversationId, carrierId, mentions);
    return { ...space, success: true, carrierId, errorMsg: '' };
  });
}

export const refusedResult = (space: SpaceTarget, errorMsg: string): DeliverResult => ({
  ...space,
  success: false,
  carrierId: '',
  errorMsg,
});

function conversationOf(
  world: World,
  clientId: string,
  { spaceType, spaceId }: SpaceTarget,
  isUnionId: boolean,
): string | undefined {
  const { directory, conversations } = world;
  if (spaceType === 'IM_ROBOT') {
    const person = isUnionId ? directory.personByUnionId(spaceId) : directory.person(spaceId);
    if (!person || (person.external && !isUnionId)) return undefined;
    return conversations.direct(person.userId, clientId).id;
  }
  const conversation = conversations.find(spaceId);
  const group = directory.group(conversation?.groupId ?? '');
  return group?.botIds.includes(clientId) ? group.conversationId : undefined;
}

function mentionsOf(world: World, body: Body): Mention[] {
  const model = body['imGroupOpenDeliverModel'];
  const at = isRecord(model) && isRecord(model['atUserIds']) ? model['atUserIds'] : {};
  const named = Object.entries(at).map(([id, name]) => ({ id, name: String(name) }));
  const ids = Array.isArray(body['cardAtUserIds']) ? body['cardAtUserIds'].map(String) : [];
  const more = ids
    .filter((id) => !(id in at))
    .map((id) => ({ id, name: world.directory.person(id)?.name ?? id }));
  return [...named, ...more];
}

function showCard(
  world: World,
  card: Card,
  conversationId: string,
  carrierId: string,
  mentions: readonly Mention[],
): void {
  const entry: CardEntry = {
    kind: 'card',
    id: world.conversations.newEntryId(),
    at: world.now(),
    clientId: card.clientId,
    name: world.directory.app(card.clientId)?.name ?? card.clientId,
    outTrackId: card.outTrackId,
    mentions,
    processQueryKey: carrierId,
    recalled: false,
  };
  world.conversations.add(conversationId, entry);
  world.publish('entry', { conversationId, entry });
  world.publish('card', card);
}
