import type { World } from '../world/world';

/** An event as HTTP carries it: what happened flat beside the envelope (enterprise reference §D.6). */
export function flatEvent(
  world: World,
  event: { eventType: string; eventId: string; corpId: string; data: Record<string, unknown> },
): Record<string, unknown> {
  const born = world.now();
  return {
    EventType: event.eventType,
    EventTime: born,
    CorpId: event.corpId,
    BizId: String(born),
    eventId: event.eventId,
    ...event.data,
  };
}
