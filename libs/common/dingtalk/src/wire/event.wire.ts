import { storableJson } from '@common/kernel';
import { z } from 'zod';

import { asObject, looseId, looseMs, parseJson } from './tolerant';

/** An organisation or group event (messaging reference §2.2). */
export interface PlatformEvent {
  /** Stable over redeliveries; null when the platform gave none (then deduplicate by a hash). */
  readonly eventId: string | null;
  /** E.g. `chat_update_title`; `unknown` when the frame names none. */
  readonly eventType: string;
  readonly corpId: string | null;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly bornAtMs: number | null;
  /** The parsed data, storable; null when it is no JSON. */
  readonly data: unknown;
}

const eventHeaders = z.looseObject({
  eventId: looseId,
  eventType: looseId,
  eventCorpId: looseId,
  eventBornTime: looseMs,
});
const eventData = z.looseObject({
  eventId: looseId,
  EventType: looseId,
  CorpId: looseId,
  corpId: looseId,
  timeStamp: looseMs,
});

/** Never throws. The headers speak first; HTTP callbacks have none and say the same inside the data. */
export function readEvent(headers: Readonly<Record<string, string>>, data: unknown): PlatformEvent {
  const parsed = typeof data === 'string' ? parseJson(data) : data;
  const head = eventHeaders.parse(headers);
  const body = eventData.parse(asObject(parsed) ?? {});
  return {
    eventId: head.eventId ?? body.eventId,
    eventType: head.eventType ?? body.EventType ?? 'unknown',
    corpId: head.eventCorpId ?? body.CorpId ?? body.corpId,
    bornAtMs: head.eventBornTime ?? body.timeStamp,
    data: storableJson(parsed) ?? null,
  };
}
