import { storableJson } from '@common/kernel';
import { z } from 'zod';

import { MalformedMessageError } from './malformed-message.error';
import { asObject, looseId, looseObject } from './tolerant';

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
}

const cardAction = z.looseObject({
  outTrackId: looseId,
  userId: looseId,
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
  const ids: unknown[] = Array.isArray(click['actionIds']) ? click['actionIds'] : [];
  const actionId = looseId.parse(ids[0]);
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
  };
}

/** `stop1`, `stop_1` and `stop-1` are `stop`; an id of digits alone stays as it is. */
const withoutSuffix = (id: string | null): string | null =>
  id === null ? null : id.replace(/(?<=\D)[_-]?\d+$/, '').replace(/[_-]$/, '') || id;
