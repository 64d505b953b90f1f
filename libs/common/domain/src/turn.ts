export const turnStates = [
  'queued',
  'active',
  'waiting',
  'generated',
  'delivered',
  'failed',
  'cancelled',
] as const;
export type TurnState = (typeof turnStates)[number];

/** How generation ended; what the sender has to show. */
export const outcomes = ['answered', 'failed', 'cancelled'] as const;
export type Outcome = (typeof outcomes)[number];

/** At most one turn of a thread is in one of these (a partial unique index says so). */
export const openTurnStates = ['active', 'waiting', 'generated'] as const;

/** The terminal state that matches an outcome once it is visible. */
export const terminalStateOf = (outcome: Outcome): TurnState =>
  outcome === 'answered' ? 'delivered' : outcome;

/** Attempts that were lost to dead processes before we give up on a turn. */
export const MAX_LOST_ATTEMPTS = 3;

/** Attempts of any kind; more means that something breaks every time. */
export const MAX_ATTEMPTS = 12;

export const deliveryStates = ['open', 'delivered', 'undelivered'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** How an answer reached its reader. */
export const deliveryWays = ['card', 'webhook', 'robot'] as const;
export type DeliveryWay = (typeof deliveryWays)[number];
