import type { Tx } from '@common/persistence';

import type { EventEnd, LoosePlatformEvent } from '../loose/loose-event';

/** What one kind of organisation or group event causes. Named in `platform-event-handlers.ts`. */
export abstract class PlatformEventHandler {
  /** Event types of the platform, as it spells them (enterprise reference §D.6). */
  abstract readonly types: readonly string[];

  /** One transaction with the end of the event: called once however often the event comes. No network in here. */
  abstract apply(event: LoosePlatformEvent, tx: Tx): Promise<EventEnd>;
}
