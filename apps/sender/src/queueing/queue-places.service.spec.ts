import { deliveryQueue } from '@common/contracts';
import { ManualClock, RecordingLogger, RecordingProducer, standIn } from '@common/testing';

import type { CardShow } from '../card/card-show.service';
import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { aClaimedDelivery } from '../delivery/claimed-delivery.fixture';
import { DeliveriesInHand } from '../delivery/deliveries-in-hand';
import type { DeliveryRepository } from '../delivery/delivery.repository';
import { QueuePlaces } from './queue-places.service';
import type { QueuedDeliveryRepository } from './queued-delivery.repository';

function places(claimed: ClaimedDelivery | null = aClaimedDelivery()) {
  const state = { isQueued: true, failure: null as Error | null };
  const said: string[] = [];
  const released: string[] = [];
  const cardStates: string[] = [];
  const signals: AbortSignal[] = [];
  const jobs = new RecordingProducer(deliveryQueue);
  const inHand = new DeliveriesInHand();
  const { id, tenantId } = aClaimedDelivery();
  const service = new QueuePlaces(
    standIn<QueuedDeliveryRepository>({
      waiting: () => Promise.resolve([{ tenantId, id, place: 2 }]),
      isStillQueued: () => Promise.resolve(state.isQueued),
    }),
    standIn<DeliveryRepository>({
      claim: (_tenantId, _id, signal) => {
        signals.push(signal);
        return Promise.resolve(claimed);
      },
      setCardState: (_delivery, cardState) => Promise.resolve(cardStates.push(cardState) > 0),
      release: (delivery) => {
        released.push(delivery.id);
        return Promise.resolve(7);
      },
    }),
    inHand,
    standIn<CardShow>({
      create: (_delivery, text = '') => {
        said.push(text);
        return state.failure ? Promise.reject(state.failure) : Promise.resolve(true);
      },
    }),
    jobs,
    new ManualClock(),
    new RecordingLogger(),
  );
  return { service, state, said, released, cardStates, signals, jobs, inHand, id };
}

const never = new AbortController().signal;

describe('QueuePlaces', () => {
  it('lets go at shutdown of what waits for the budget', async () => {
    const { service, signals } = places();
    const stop = new AbortController();
    await service.look(stop.signal);
    stop.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('makes the card of the answer early, with the place in the queue, and lets go of it', async () => {
    const { service, said, released, jobs, inHand, id } = places();
    await service.look(never);
    expect(said).toEqual(['In the queue: number 2, coming up…']);
    expect(released).toEqual([id]);
    expect(jobs.jobs).toEqual([]);
    expect(inHand.ids).toEqual([]);
  });

  it('wakes the delivery when the time of its turn came while we held it', async () => {
    const { service, state, jobs, id } = places();
    state.isQueued = false;
    await service.look(never);
    expect(jobs.jobs).toMatchObject([{ deliveryId: id, wake: 7 }]);
  });

  it('lets go of it when the card cannot be made, too', async () => {
    const { service, state, released, id } = places();
    state.failure = new Error('gone');
    await expect(service.look(never)).rejects.toThrow('gone');
    expect(released).toEqual([id]);
  });

  it('makes no card where none is meant, and touches nothing that somebody else has', async () => {
    const text = places(aClaimedDelivery({ cardState: null }));
    await text.service.look(never);
    expect(text.said).toEqual([]);
    expect(text.released).toHaveLength(1);

    const saving = places(aClaimedDelivery({ asText: true }));
    await saving.service.look(never);
    expect([saving.said, saving.cardStates]).toEqual([[], ['refused']]);

    const taken = places(null);
    await taken.service.look(never);
    expect([taken.said, taken.released]).toEqual([[], []]);
  });
});
