import { Injectable } from '@nestjs/common';

import type { InboundJob } from '@common/contracts';
import { isImmediate } from '@common/domain';
import { Clock } from '@common/kernel';

import { LooseEvents } from '../loose/loose-events.service';
import { Introductions } from '../mapping/introductions.service';
import { EventEffect } from './event-effect.service';
import { FollowUp } from './follow-up.service';
import { ThreadLane } from './thread-lane.service';

/** A person who is refused without a word is looked at four times a second, not at each message. */
const FLOOD_REST_MS = 250;
/** A rest keeps a worker from others: a crowd that is refused is worked off without. */
const MOST_RESTING = 2;

/**
 * Brings one thread up to date: its unprocessed messages become turns or replies, in order. Clicks and platform events
 * belong to no thread: each is settled alone, so that a stop never waits behind what it stops.
 *
 * Running it twice does no harm: each event and its effect share one transaction, so a second run finds nothing left to
 * do. A job that overtook another changes nothing either: order comes from the gateway's stamp, not from the queue.
 */
@Injectable()
export class DispatchPipeline {
  private resting = 0;

  constructor(
    private readonly lane: ThreadLane,
    private readonly loose: LooseEvents,
    private readonly introductions: Introductions,
    private readonly effect: EventEffect,
    private readonly followUp: FollowUp,
    private readonly clock: Clock,
  ) {}

  async run({ tenantId, eventId, correlationId }: InboundJob): Promise<void> {
    const envelope = { tenantId, correlationId };
    const origin = await this.lane.origin(tenantId, eventId);
    if (!origin) return;
    const { threadId, mapping } = origin;
    if (threadId === null)
      return this.followUp.on(envelope, await this.loose.settle(tenantId, eventId));
    const refusal = isImmediate(mapping)
      ? null
      : await this.introductions.introduce(tenantId, eventId);
    if (refusal) return this.followUp.on(envelope, refusal);

    await this.lane.drain(
      { tenantId, threadId, eventId },
      (event, tx) => this.effect.apply(event, tx),
      // After commit. If we die here, the sweeper wakes the rows.
      async (aftermath) => {
        await this.followUp.on(envelope, aftermath);
        if (aftermath.isFlood) await this.rest();
      },
    );
  }

  private async rest(): Promise<void> {
    if (this.resting >= MOST_RESTING) return;
    this.resting += 1;
    try {
      await this.clock.sleep(FLOOD_REST_MS);
    } finally {
      this.resting -= 1;
    }
  }
}
