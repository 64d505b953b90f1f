import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';
import { type FrameReply, MalformedMessageError, type StreamFrame } from '@common/dingtalk';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import type { RosterChannel } from '../channels/channel-roster.repository';
import { AckTimes } from './ack-times.service';
import { ackOf } from './ack';
import { EventKeeper, type Kept } from './event-keeper.service';
import { InboundWake } from './inbound-wake.service';
import { entryOf, type EventKind, type JournalEntry } from './journal-entry';
import type { ChannelEntry, Journaled } from './journal.repository';
import { Journal } from './journal.service';
import { ReceiveStamp } from './receive-stamp';

/** Whose frame it is. */
export type IntakeChannel = Pick<RosterChannel, 'id' | 'tenantId' | 'clientId' | 'scope'>;

/** How long the platform waits for an acknowledgement (messaging reference §2.3, §5). */
const DEADLINE_MS: Record<EventKind, number> = { message: 3_000, event: 3_000, card_action: 2_000 };

/**
 * Frame → journal (or Redis, while Postgres is away) → inbound job → acknowledgement, in this order (P1).
 *
 * Running it twice does no harm: the event's id is derived from what the platform calls it, so the second row is none; a
 * duplicate whose row still waits is enqueued again before it is acknowledged.
 */
@Injectable()
export class IntakePipeline {
  private readonly frames;
  private readonly acks;
  private readonly late;
  private readonly stamp = new ReceiveStamp();

  constructor(
    private readonly keeper: EventKeeper,
    private readonly wake: InboundWake,
    private readonly journal: Journal,
    private readonly ackTimes: AckTimes,
    private readonly clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const [kind, result] = ['kind', 'result'];
    const help = 'Frames by kind and what became of them';
    this.frames = metrics.counter('gateway_frames_total', help, [kind, result]);
    this.acks = metrics.histogram('gateway_ack_seconds', 'From the frame to its ack', [kind]);
    this.late = metrics.counter('gateway_acks_late_total', 'Acks after the platform’s deadline', [
      kind,
    ]);
  }

  /** The acknowledgement, or undefined when the frame could not be made durable in time: then it comes again. */
  async take(channel: IntakeChannel, frame: StreamFrame): Promise<FrameReply> {
    let entry: JournalEntry;
    try {
      entry = entryOf({ ...frame, receivedAtMs: this.stamp.next(frame.receivedAtMs) }, channel);
    } catch (error) {
      return this.decline(channel, error);
    }
    const row = { tenantId: channel.tenantId, channelId: channel.id, entry };
    const kept = await this.keeper.keep(row);
    this.frames.inc({ kind: entry.kind, result: resultOf(kept) });
    if (kept.at === 'nowhere') return this.leave(row, kept.code);
    if (kept.at === 'row' && kept.journaled) await this.follow(row, kept.journaled);
    this.measure(entry);
    return ackOf(entry.kind);
  }

  /** What is in Redis alone is followed when its row is written. */
  private async follow(row: ChannelEntry, journaled: Journaled): Promise<void> {
    const { quotaNotice } = row.entry;
    await this.wake.wake(row, journaled);
    // Nobody waits for a notice to administrators.
    if (quotaNotice) void this.journal.noteQuota(row, quotaNotice.code);
  }

  private leave({ channelId, entry }: ChannelEntry, code: string): undefined {
    this.logger.warn('frame not acknowledged', { channelId, eventId: entry.id, code });
  }

  private measure({ id, kind, receivedAtMs }: JournalEntry): void {
    const now = this.clock.now();
    this.ackTimes.note(id, now);
    const tookMs = now - receivedAtMs;
    this.acks.observe({ kind }, tookMs / 1_000);
    if (tookMs > DEADLINE_MS[kind]) this.late.inc({ kind });
  }

  /** Taken, so that it does not come for ever; nothing in it could be answered. */
  private decline(channel: IntakeChannel, error: unknown): FrameReply {
    if (!(error instanceof MalformedMessageError)) throw error;
    this.frames.inc({ kind: 'message', result: 'malformed' });
    this.logger.warn('frame not understood', { channelId: channel.id, code: error.code });
    return { code: 200 };
  }
}

function resultOf(kept: Kept): string {
  if (kept.at === 'nowhere') return 'not_acknowledged';
  if (kept.at === 'spill') return 'spilled';
  if (kept.journaled === null) return 'quarantined';
  return kept.journaled.isNew ? 'new' : 'duplicate';
}
