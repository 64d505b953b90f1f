import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';
import { type InboundJob, inboundQueue, type JobProducer } from '@common/contracts';
import { type FrameReply, MalformedMessageError, type StreamFrame } from '@common/dingtalk';
import { Clock, codeOf } from '@common/kernel';
import { Logger } from '@common/logging';
import { InjectProducer } from '@common/queue';

import type { RosterChannel } from '../channels/channel-roster.repository';
import { GatewayConfig } from '../gateway.config';
import { ackOf } from './ack';
import { entryOf, type JournalEntry } from './journal-entry';
import type { ChannelEntry, Journaled } from './journal.repository';
import { Journal } from './journal.service';
import { ReceiveStamp } from './receive-stamp';

/**
 * Frame → journal → inbound job → acknowledgement, in this order (P1).
 *
 * Running it twice does no harm: the event's id is derived from what the platform calls it, so the second row is none; a
 * duplicate whose row still waits is enqueued again before it is acknowledged.
 */
@Injectable()
export class IntakePipeline {
  private readonly frames;
  private readonly stamp = new ReceiveStamp();

  constructor(
    private readonly config: GatewayConfig,
    private readonly journal: Journal,
    @InjectProducer(inboundQueue) private readonly inbound: JobProducer<InboundJob>,
    private readonly clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.frames = metrics.counter(
      'gateway_frames_total',
      'Frames by kind and what became of them',
      ['kind', 'result'],
    );
  }

  /** The acknowledgement, or undefined when the frame could not be made durable in time: then it comes again. */
  async take(channel: RosterChannel, frame: StreamFrame): Promise<FrameReply> {
    let entry: JournalEntry;
    try {
      entry = entryOf({ ...frame, receivedAtMs: this.stamp.next(frame.receivedAtMs) }, channel);
    } catch (error) {
      return this.decline(channel, error);
    }
    const journaled = await this.writeInTime(channel, entry);
    if (journaled === 'late') return undefined;
    if (journaled?.isPending && entry.threadId !== null) await this.enqueue(channel, journaled);
    if (entry.quotaNotice)
      await this.journal.noteQuota(rowOf(channel, entry), entry.quotaNotice.code);
    this.frames.inc({
      kind: entry.kind,
      result: journaled === null ? 'quarantined' : journaled.isNew ? 'new' : 'duplicate',
    });
    return ackOf(entry.kind);
  }

  private async writeInTime(
    channel: RosterChannel,
    entry: JournalEntry,
  ): Promise<Journaled | null | 'late'> {
    const done = new AbortController();
    const late = this.clock
      .sleep(this.config.GATEWAY_JOURNAL_TIMEOUT_MS, done.signal)
      .then(() => 'late' as const);
    try {
      const written = await Promise.race([this.journal.write(rowOf(channel, entry)), late]);
      if (written === 'late') this.missed(channel, entry, 'journal_late');
      return written;
    } catch (error) {
      this.missed(channel, entry, codeOf(error));
      return 'late';
    } finally {
      done.abort();
    }
  }

  private missed(channel: RosterChannel, entry: JournalEntry, code: string): void {
    this.frames.inc({ kind: entry.kind, result: 'not_acknowledged' });
    this.logger.warn('frame not acknowledged', { channelId: channel.id, eventId: entry.id, code });
  }

  /** The row is enough: when the queue is away, the sweeper wakes it. */
  private async enqueue(channel: RosterChannel, { id, wake }: Journaled): Promise<void> {
    try {
      const job = {
        version: 1 as const,
        tenantId: channel.tenantId,
        correlationId: id,
        eventId: id,
        wake,
      };
      await this.inbound.enqueue(job);
    } catch (error) {
      this.logger.warn('job left to the sweeper', { eventId: id, channelId: channel.id, error });
    }
  }

  /** Taken, so that it does not come for ever; nothing in it could be answered. */
  private decline(channel: RosterChannel, error: unknown): FrameReply {
    if (!(error instanceof MalformedMessageError)) throw error;
    this.frames.inc({ kind: 'message', result: 'malformed' });
    this.logger.warn('frame not understood', { channelId: channel.id, code: error.code });
    return { code: 200 };
  }
}

const rowOf = (channel: RosterChannel, entry: JournalEntry): ChannelEntry => ({
  tenantId: channel.tenantId,
  channelId: channel.id,
  entry,
});
