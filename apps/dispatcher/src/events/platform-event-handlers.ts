import type { Provider, Type } from '@nestjs/common';

import { BotAdded } from './bot-added.event';
import type { PlatformEventHandler } from './platform-event.port';
import { RecalledMessage } from './recalled-message.event';

const handlers: readonly Type<PlatformEventHandler>[] = [BotAdded, RecalledMessage];

/** Injection token: all of them. */
export const PLATFORM_EVENT_HANDLERS = Symbol('platform event handlers');

export const platformEventProviders: Provider[] = [
  ...handlers,
  {
    provide: PLATFORM_EVENT_HANDLERS,
    inject: [...handlers],
    useFactory: (...all: PlatformEventHandler[]): PlatformEventHandler[] => all,
  },
];
