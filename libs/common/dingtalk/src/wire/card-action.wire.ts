import { createHash } from 'node:crypto';

import { storableJson } from '@common/kernel';
import { z } from 'zod';

import { canonicalJson } from './canonical-json';
import { MalformedMessageError } from './malformed-message.error';
import { asList, asObject, looseId, looseObject } from './tolerant';

/** Components of one click that are kept; real clicks name one. */
const MAX_ACTION_IDS = 20;

/** A click on a card (messaging reference §6.8). */
export interface CardAction {
  readonly outTrackId: string;
  /** The component as the platform names it, e.g. `stop1`; null when it names none. */
  readonly actionId: string | null;
  /** What the click means: the parameter `action`, else the component without its numeric suffix. */
  readonly action: string | null;
  /** The parameters configured in the template; form cards put their values under `form`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The person who clicked. In groups everybody can: check their right. */
  readonly userId: string | null;
  readonly corpId: string | null;
  /** The space the card hangs in: a conversation id in groups. */
  readonly spaceId: string | null;
  readonly spaceType: string | null;

  // What follows is absent from clicks that an older gateway journaled.

  /** Every component the platform names; `actionId` is the first. */
  readonly actionIds?: readonly string[];
  /** `1`: the staff id, `2`: the union id, where the platform says what `userId` is. */
  readonly userIdType?: string | null;
  /**
   * The same for every delivery of one click, over Stream and HTTP, and for a second click of the same person on the same
   * button (enterprise reference §F.4): clicks with one key within some seconds are one click.
   */
  readonly clickKey?: string;
}

const cardAction = z.looseObject({
  outTrackId: looseId,
  userId: looseId,
  userIdType: looseId,
  corpId: looseId,
  spaceId: looseId,
  spaceType: looseId,
  content: looseObject,
  value: looseObject,
});

/**
 * Tolerant (C93): `content` may be a JSON string or an object, be missing while `value` has the same, or be empty.
 * @throws MalformedMessageError without `outTrackId`
 */
export function readCardAction(data: unknown): CardAction {
  const raw = cardAction.parse(asObject(data) ?? {});
  if (raw.outTrackId === null) throw new MalformedMessageError('card action', 'outTrackId');
  const click =
    asObject(raw.content['cardPrivateData']) ?? asObject(raw.value['cardPrivateData']) ?? {};
  const actionIds = asList(click['actionIds'])
    .slice(0, MAX_ACTION_IDS)
    .flatMap((id) => looseId.parse(id) ?? []);
  const actionId = actionIds[0] ?? null;
  const params = (storableJson(asObject(click['params']) ?? {}) ?? {}) as Record<string, unknown>;
  return {
    outTrackId: raw.outTrackId,
    actionId,
    action: looseId.parse(params['action']) ?? withoutSuffix(actionId),
    params,
    userId: raw.userId,
    corpId: raw.corpId,
    spaceId: raw.spaceId,
    spaceType: raw.spaceType,
    actionIds,
    userIdType: raw.userIdType,
    clickKey: hashOf(canonicalJson([raw.outTrackId, raw.userId, { actionIds, params }])),
  };
}

/** Requests for dynamic data come to the same HTTP address as clicks; there is nothing to keep of them (§F.4). */
export const isDataRequest = (data: unknown): boolean =>
  looseId.parse(asObject(data)?.['type'])?.startsWith('dynamicData') ?? false;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `stop1`, `stop_1` and `stop-1` are `stop`; an id of digits alone stays as it is. */
const withoutSuffix = (id: string | null): string | null =>
  id === null ? null : id.replace(/(?<=\D)[_-]?\d+$/, '').replace(/[_-]$/, '') || id;
