import { deliveryQueue, generationQueue } from '@common/contracts';
import { DingTalkIpBannedError, DingTalkUnknownOutcomeError, IP_BAN_MS } from '@common/dingtalk';
import type { Work } from '@common/persistence';
import { WorkProducer } from '@common/queue';
import {
  aDeliveryJob,
  anId,
  HastyClock,
  RecordingLogger,
  RecordingProducer,
  settled,
  standIn,
} from '@common/testing';

import { HandedOver } from '../card/words-on-card.service';
import { LeaseLostError } from '../platform/lease';
import type { TextLadder } from '../text/text-ladder.service';
import type { Reactions } from '../reaction/reactions.service';
import { UndeliverableError } from '../text/undeliverable.error';
import type { AnswerDelivery } from './answer-delivery.service';
import type { ClaimedDelivery, DeliveryEnd } from './claimed-delivery';
import { FakeLedger } from '../allowance/fake-ledger.fixture';
import { aClaimedDelivery, aPlainReply } from './claimed-delivery.fixture';
import { DeliveriesInHand } from './deliveries-in-hand';
import { DeliveryPipeline } from './delivery.pipeline';
import type { DeliveryRepository } from './delivery.repository';
import { Handover } from './handover.service';

const job = aDeliveryJob();
const delivered: DeliveryEnd = {
  state: 'delivered',
  way: 'card',
  cardState: 'finished',
  error: null,
};
const next: Work = {
  turn: { id: anId('next'), wake: 0 },
  delivery: { id: anId('nextD'), wake: 0 },
};
const api = { api: 'x' };

interface Script {
  readonly show?: AnswerDelivery['show'];
  readonly send?: TextLadder['send'];
  readonly delivery?: ClaimedDelivery;
}

function aPipeline({ show, send, delivery = aClaimedDelivery() }: Script = {}) {
  const row = { open: true, isOurs: true, ends: [] as DeliveryEnd[], released: [] as number[] };
  const deliveries = standIn<DeliveryRepository>({
    claim: (_tenantId, _id, signal) =>
      Promise.resolve(row.open ? { ...delivery, caller: { ...delivery.caller, signal } } : null),
    end: (_delivery, end) => {
      if (!row.isOurs) return Promise.resolve(null);
      row.ends.push(end);
      row.open = false;
      return Promise.resolve(next);
    },
    release: (_delivery, restMs = 0) => {
      row.released.push(restMs);
      return Promise.resolve(row.isOurs ? 5 : null);
    },
  });
  const generation = new RecordingProducer(generationQueue);
  const queue = new RecordingProducer(deliveryQueue);
  const logger = new RecordingLogger();
  const inHand = new DeliveriesInHand();
  const ledger = new FakeLedger();
  const reacted: string[] = [];
  const pipeline = new DeliveryPipeline(
    deliveries,
    standIn<AnswerDelivery>({ show: show ?? (() => Promise.resolve(delivered)) }),
    standIn<TextLadder>({ send: send ?? (() => Promise.resolve('webhook')) }),
    standIn<Reactions>({
      begin: () => ({
        takeAway: () => void reacted.push('taken away'),
        leave: () => void reacted.push('left'),
      }),
    }),
    inHand,
    new Handover(
      deliveries,
      new WorkProducer(generation, queue, logger),
      queue,
      new HastyClock(),
      logger,
    ),
    ledger.ledger,
    logger,
  );
  return { pipeline, ledger, row, generation, queue, logger, inHand, reacted };
}

describe('DeliveryPipeline', () => {
  it("ends the delivery, then wakes generator and sender for the thread's next turn", async () => {
    const { pipeline, ledger, row, generation, queue, inHand } = aPipeline();

    await pipeline.run(job);

    expect(row.ends).toEqual([delivered]);
    expect(ledger.counted).toEqual(['answers']);
    expect(generation.jobs).toMatchObject([{ turnId: anId('next') }]);
    expect(queue.jobs).toMatchObject([{ deliveryId: anId('nextD') }]);
    expect(inHand.has(job.deliveryId)).toBe(false);
  });

  it('takes the reaction away once the delivery has ended, and only then', async () => {
    const ended = aPipeline();
    await ended.pipeline.run(job);
    expect(ended.reacted).toEqual(['taken away', 'left']);

    const lost = aPipeline();
    lost.row.isOurs = false;
    await lost.pipeline.run(job);
    expect(lost.reacted).toEqual(['left']);

    const handedOver = aPipeline({ show: () => Promise.reject(new HandedOver()) });
    await handedOver.pipeline.run(job);
    expect(handedOver.reacted).toEqual(['left']);
  });

  it('sends a plain reply as text', async () => {
    const sent: string[] = [];
    const { pipeline, row } = aPipeline({
      delivery: aPlainReply(),
      send: (_delivery, texts) => {
        sent.push(...texts);
        return Promise.resolve('webhook');
      },
    });

    await pipeline.run(job);

    expect(sent).toEqual(['Here is help.']);
    expect(row.ends).toMatchObject([{ state: 'delivered', way: 'webhook' }]);
  });

  it('twice: the second job finds it ended and shows nothing', async () => {
    let shown = 0;
    const { pipeline } = aPipeline({
      show: () => {
        shown += 1;
        return Promise.resolve(delivered);
      },
    });

    await pipeline.run(job);
    await pipeline.run(job);

    expect(shown).toBe(1);
  });

  it('twice at once: the second job leaves it to the first', async () => {
    let shown = 0;
    let finish: (end: DeliveryEnd) => void = () => undefined;
    const { pipeline } = aPipeline({
      show: () => {
        shown += 1;
        return new Promise((resolve) => (finish = resolve));
      },
    });
    const first = pipeline.run(job);
    await settled();
    await pipeline.run({ ...job, wake: 1 });
    finish(delivered);
    await first;

    expect(shown).toBe(1);
  });

  it('late: wakes nobody when somebody else has ended it', async () => {
    const { pipeline, row, generation, logger } = aPipeline();
    row.isOurs = false;

    await pipeline.run(job);

    expect(generation.jobs).toEqual([]);
    expect(logger.messages).toContain('delivery was taken over');
  });

  it('late: gives back a delivery whose lease it cannot trust, for nobody takes it from the living', async () => {
    const { pipeline, row, queue, logger, inHand } = aPipeline({
      show: () => Promise.reject(new LeaseLostError()),
    });

    await pipeline.run(job);

    expect([row.ends, row.released]).toEqual([[], [0]]);
    expect(queue.jobs).toMatchObject([{ deliveryId: job.deliveryId, wake: 5 }]);
    expect(inHand.has(job.deliveryId)).toBe(false);
    expect(logger.messages).toEqual(['delivery lost', 'delivery given back']);
  });

  it('late: leaves a delivery alone that somebody else has taken', async () => {
    const { pipeline, row, queue } = aPipeline({
      show: () => Promise.reject(new LeaseLostError()),
    });
    row.isOurs = false;

    await pipeline.run(job);

    expect([row.ends, queue.jobs]).toEqual([[], []]);
  });

  it('provider says no: ends undelivered, for operators to see, and the thread goes on', async () => {
    const { pipeline, row, generation, logger } = aPipeline({
      show: () => Promise.reject(new UndeliverableError('no_recipient')),
    });

    await pipeline.run(job);

    expect(row.ends).toMatchObject([
      { state: 'undelivered', way: null, error: { code: 'no_recipient' } },
    ]);
    expect(logger.lines[0]).toMatchObject({ level: 'error', message: 'reply undelivered' });
    expect(generation.jobs).toHaveLength(1);
  });

  it('P4 gives up after too many attempts instead of trying for ever', async () => {
    const { pipeline, row } = aPipeline({
      delivery: aClaimedDelivery({ attempt: 1_000, turn: null, text: 'Done.' }),
    });
    await pipeline.run(job);
    expect(row.ends).toMatchObject([
      { state: 'undelivered', error: { code: 'attempts_exhausted' } },
    ]);
  });

  it('hands over at shutdown, with a job under its new name', async () => {
    const { pipeline, row, queue, inHand } = aPipeline({
      show: ({ caller }) =>
        new Promise((_resolve, reject) =>
          caller.signal.addEventListener('abort', () => reject(new HandedOver())),
        ),
    });
    const run = pipeline.run(job);
    await settled();

    inHand.handOverAll();
    await run;

    expect(queue.jobIds).toEqual([`${job.deliveryId}-5`]);
    expect(row.ends).toEqual([]);
  });

  it('hands over a call that the shutdown cut off, too', async () => {
    const { pipeline, queue, inHand } = aPipeline({
      show: ({ caller }) =>
        new Promise((_resolve, reject) =>
          caller.signal.addEventListener('abort', () =>
            reject(new DingTalkUnknownOutcomeError(api)),
          ),
        ),
    });
    const run = pipeline.run(job);
    await settled();

    inHand.handOverAll();
    await run;

    expect(queue.jobs).toHaveLength(1);
  });

  it('P4 lets go of it when a bug stops it, so that no living owner keeps it without a job', async () => {
    const { pipeline, row, inHand } = aPipeline({
      show: () => Promise.reject(new TypeError('bug')),
    });

    await expect(pipeline.run(job)).rejects.toThrow('bug');

    expect(row.released).toEqual([0]);
    expect(inHand.has(job.deliveryId)).toBe(false);
  });

  it('leaves it alone for as long as this address is banned', async () => {
    const { pipeline, row } = aPipeline({
      show: () => Promise.reject(new DingTalkIpBannedError(api)),
    });

    await expect(pipeline.run(job)).rejects.toThrow(DingTalkIpBannedError);
    expect(row.released).toEqual([IP_BAN_MS]);
  });

  it('P5 ends well when the queues are away: the sweeper wakes the rows', async () => {
    const { pipeline, row, generation, queue, logger } = aPipeline();
    generation.isAway = true;
    queue.isAway = true;

    await pipeline.run(job);

    expect(row.ends).toHaveLength(1);
    expect(logger.messages.filter((line) => line === 'job left to the sweeper')).toHaveLength(2);
  });
});
