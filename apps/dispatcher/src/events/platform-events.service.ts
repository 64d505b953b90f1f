import { Inject, Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { EventEnd, LoosePlatformEvent } from '../loose/loose-event';
import type { PlatformEventHandler } from './platform-event.port';
import { PLATFORM_EVENT_HANDLERS } from './platform-event-handlers';

/** Gives an event to whom it concerns; the others are kept and no more. */
@Injectable()
export class PlatformEvents {
  private readonly handlers: ReadonlyMap<string, PlatformEventHandler>;

  constructor(@Inject(PLATFORM_EVENT_HANDLERS) handlers: readonly PlatformEventHandler[]) {
    this.handlers = new Map(
      handlers.flatMap((handler) => handler.types.map((type) => [type, handler] as const)),
    );
  }

  apply(event: LoosePlatformEvent, tx: Tx): Promise<EventEnd> {
    const handler = this.handlers.get(event.content.eventType);
    return handler ? handler.apply(event, tx) : Promise.resolve({ cause: 'event_not_ours' });
  }
}
