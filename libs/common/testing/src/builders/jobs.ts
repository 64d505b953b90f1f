import type { DeliveryJob, GenerationJob, InboundJob } from '@common/contracts';
import { derivedId } from '@common/kernel';

/** Ids that say what they are for; the same word is the same id. */
export const anId = (word: string): string => derivedId('spec', word);

const envelope = {
  version: 1 as const,
  tenantId: anId('tenant'),
  correlationId: 'corr-1',
  wake: 0,
};

export const anInboundJob = (overrides: Partial<InboundJob> = {}): InboundJob => ({
  ...envelope,
  eventId: anId('event'),
  ...overrides,
});

export const aGenerationJob = (overrides: Partial<GenerationJob> = {}): GenerationJob => ({
  ...envelope,
  turnId: anId('turn'),
  ...overrides,
});

export const aDeliveryJob = (overrides: Partial<DeliveryJob> = {}): DeliveryJob => ({
  ...envelope,
  deliveryId: anId('delivery'),
  ...overrides,
});
