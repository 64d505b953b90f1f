import { deliveryQueue } from '@common/contracts';
import { ManualClock, RecordingLogger, RecordingProducer, standIn } from '@common/testing';

import type { CardShow } from '../card/card-show.service';
import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { aClaimedDelivery } from '../delivery/claimed-delivery.fixture';
import type { TextLadder } from '../text/text-ladder.service';
import { UndeliverableError } from '../text/undeliverable.error';
import { DeliveriesInHand } from '../delivery/deliveries-in-hand';
import type { DeliveryRepository } from '../delivery/delivery.repository';
import { QueuePlaces } from './queue-places.service';
import type { QueuedDeliveryRepository } from './queued-delivery.repository';

function places(claimed: ClaimedDelivery | null = aClaimedDelivery()) {
  const state = { isQueued: true, failure: null as Error | null };
  const said: string[] = [];
  const messages: [text: string, number: number][] = [];
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
    standIn<TextLadder>({
      sayBefore: (_delivery, text, number) => {
        messages.push([text, number]);
        return state.failure ? Promise.reject(state.failure) : Promise.resolve();
      },
    }),
    jobs,
    new ManualClock(),
    new RecordingLogger(),
  );
  return { service, state, said, messages, released, cardStates, signals, jobs, inHand, id };
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

  it('says it in a short message where no card is meant, and lets go of the delivery', async () => {
    const { service, said, messages, released } = places(aClaimedDelivery({ cardState: null }));
    await service.look(never);
    expect(messages).toEqual([['In the queue: number 2, coming up…', 1_000]]);
    expect([said, released.length]).toEqual([[], 1]);
  });

  it('sends no message when the time of the question came just now', async () => {
    const { service, state, messages, jobs } = places(aClaimedDelivery({ cardState: null }));
    state.isQueued = false;
    await service.look(never);
    expect(messages).toEqual([]);
    expect(jobs.jobs).toHaveLength(1);
  });

  it('bears that nobody can be told: the answer comes all the same', async () => {
    const { service, state, released } = places(aClaimedDelivery({ cardState: null }));
    state.failure = new UndeliverableError('no_recipient');
    await service.look(never);
    expect(released).toHaveLength(1);
  });

  it('says nothing while calls are to be saved, and touches nothing that somebody else has', async () => {
    const saving = places(aClaimedDelivery({ asText: true }));
    await saving.service.look(never);
    expect([saving.said, saving.messages, saving.cardStates]).toEqual([[], [], ['refused']]);

    const saved = places(aClaimedDelivery({ asText: true, cardState: null }));
    await saved.service.look(never);
    expect([saved.messages, saved.cardStates, saved.released.length]).toEqual([[], [], 1]);

    const taken = places(null);
    await taken.service.look(never);
    expect([taken.said, taken.released]).toEqual([[], []]);
  });
});
