import { Secret } from '@common/config';

import { type Lease, LeaseLostError } from '../platform/lease';
import type { ClaimedDelivery } from './claimed-delivery';

/** A lease that a spec may end; `onCheck` sees every look at it. */
export class FakeLease {
  isLost = false;
  constructor(private readonly onCheck: () => void = () => undefined) {}

  mustHold(): Promise<void> {
    this.onCheck();
    return this.isLost ? Promise.reject(new LeaseLostError()) : Promise.resolve();
  }

  // Private fields make the class nominal; this is its whole public surface.
  asLease(): Lease {
    return this as unknown as Lease;
  }
}

interface Overrides extends Partial<Omit<ClaimedDelivery, 'target' | 'card'>> {
  readonly target?: Partial<ClaimedDelivery['target']>;
  readonly card?: Partial<ClaimedDelivery['card']>;
  readonly signal?: AbortSignal;
  readonly lease?: FakeLease;
}

/** The answer to a turn of a person alone with the bot, in a card of the public template. */
export function aClaimedDelivery(overrides: Overrides = {}): ClaimedDelivery {
  const { target, card, signal, lease, ...rest } = overrides;
  return {
    id: '00000000-0000-4000-8000-00000000d001',
    tenantId: '00000000-0000-4000-8000-0000000000aa',
    channelId: '00000000-0000-4000-8000-0000000000cc',
    attempt: 1,
    locale: 'en',
    target: {
      kind: 'direct',
      conversationId: 'cid-1',
      staffId: 'staff-1',
      name: 'Ada',
      robotCode: 'robot-1',
      ...target,
    },
    replyWebhook: 'https://oapi.example/reply?session=s3cret',
    // Without the mark, unless it is what a spec is about.
    card: { enabled: true, pace: 'balanced', aiMark: '', ...card },
    asText: false,
    textWays: ['webhook', 'robot'],
    cardState: 'creating',
    turn: { id: '00000000-0000-4000-8000-000000000001', attempt: 1 },
    text: null,
    reactTo: null,
    caller: {
      tenantId: '00000000-0000-4000-8000-0000000000aa',
      channelId: '00000000-0000-4000-8000-0000000000cc',
      organizationId: 'organization-1',
      flow: 'thread-1',
      app: { clientId: 'ding1', clientSecret: new Secret('s') },
      callsPerSecond: 18,
      lease: (lease ?? new FakeLease()).asLease(),
      signal: signal ?? new AbortController().signal,
    },
    ...rest,
  };
}

/** A plain reply: a text of its own, no turn and no card. */
export const aPlainReply = (overrides: Overrides = {}): ClaimedDelivery =>
  aClaimedDelivery({ turn: null, cardState: null, text: 'Here is help.', ...overrides });
