import { createHash } from 'node:crypto';

import type { PlatformEvent } from '@common/domain';
import { storableJson } from '@common/kernel';
import { z } from 'zod';

import { canonicalJson } from './canonical-json';
import { readEventFacts } from './event-facts';
import { asObject, type Fields, looseId, looseMs, parseJson } from './tolerant';

export type { PlatformEvent } from '@common/domain';

/** Names that belong to the envelope, not to what happened, lower-cased: HTTP lays both in one object. */
const ENVELOPE = new Set([
  'eventtype',
  'eventid',
  'eventtime',
  'bizid',
  'eventcorpid',
  'corpid',
  'eventborntime',
  'eventunifiedappid',
]);

const envelope = z.looseObject({
  eventId: looseId,
  eventType: looseId,
  eventCorpId: looseId,
  eventBornTime: looseMs,
  EventId: looseId,
  EventType: looseId,
  EventTime: looseMs,
  CorpId: looseId,
  corpId: looseId,
  timeStamp: looseMs,
  TimeStamp: looseMs,
});

/**
 * An organisation or group event, the same whichever way it came (enterprise reference §A.15, §D.6, §D.8): with headers
 * over Stream; flat, nested under `data`, or in PascalCase over HTTP. Never throws. The headers speak first, and of
 * `CorpId` and `corpId` side by side the capital one.
 */
export function readEvent(headers: Readonly<Record<string, string>>, data: unknown): PlatformEvent {
  const parsed = typeof data === 'string' ? parseJson(data) : data;
  const outer = asObject(parsed) ?? {};
  const head = envelope.parse(headers);
  const said = envelope.parse(outer);
  const eventType = head.eventType ?? said.EventType ?? said.eventType ?? 'unknown';
  const carried = storableJson(asObject(parsed) ? payloadOf(outer) : parsed) ?? null;
  return {
    eventId: head.eventId ?? said.eventId ?? said.EventId,
    eventType,
    corpId: head.eventCorpId ?? said.CorpId ?? said.eventCorpId ?? said.corpId,
    bornAtMs:
      head.eventBornTime ??
      said.EventTime ??
      said.eventBornTime ??
      said.timeStamp ??
      said.TimeStamp,
    data: carried,
    facts: readEventFacts(eventType, asObject(carried) ?? {}),
  };
}

/** The nested form has it under `data`; the flat one beside the envelope. */
function payloadOf(outer: Fields): Record<string, unknown> {
  const nested = 'eventType' in outer || 'EventType' in outer ? asObject(outer['data']) : null;
  const fields = Object.entries(nested ?? outer).filter(
    ([key]) => !ENVELOPE.has(key.toLowerCase()),
  );
  const camel = new Map<string, unknown>();
  // A name that is there in camelCase already wins over its older spelling.
  for (const [key, value] of fields) if (isCamel(key)) camel.set(key, value);
  for (const [key, value] of fields) if (!camel.has(toCamel(key))) camel.set(toCamel(key), value);
  return Object.fromEntries(camel);
}

const toCamel = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);
const isCamel = (key: string): boolean => key === toCamel(key);

/** What one event is called in every delivery of it, over Stream and HTTP: its id, else a hash of all it says and when. */
export function eventKey(event: PlatformEvent): string {
  if (event.eventId !== null) return event.eventId;
  const isTimed = Object.keys(asObject(event.data) ?? {}).some((key) => /time(stamp)?$/i.test(key));
  const time = isTimed ? '' : String(event.bornAtMs ?? '');
  return createHash('sha256')
    .update([event.eventType, event.corpId ?? '', time, canonicalJson(event.data)].join('\0'))
    .digest('hex');
}
