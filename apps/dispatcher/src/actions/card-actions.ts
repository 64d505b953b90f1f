import type { Provider, Type } from '@nestjs/common';

import type { CardActionHandler } from './card-action.port';
import { AnswerAction } from './answer.action';
import { ConfirmAction } from './confirm.action';
import { FeedbackAction } from './feedback.action';
import { RetryAction } from './retry.action';
import { StopAction } from './stop.action';

/** Every button we understand. */
const handlers: readonly Type<CardActionHandler>[] = [
  StopAction,
  RetryAction,
  FeedbackAction,
  ConfirmAction,
  AnswerAction,
];

/** Injection token: all of them. */
export const CARD_ACTIONS = Symbol('card actions');

export const cardActionProviders: Provider[] = [
  ...handlers,
  {
    provide: CARD_ACTIONS,
    inject: [...handlers],
    useFactory: (...all: CardActionHandler[]): CardActionHandler[] => all,
  },
];
