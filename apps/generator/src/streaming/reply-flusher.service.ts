import { Injectable } from '@nestjs/common';

import type { ReplyNews } from '@common/contracts';
import { Logger } from '@common/logging';
import { ReplyStream } from '@common/redis';

import { type ReplySink, ReplyWriter } from './reply-writer';

const ROUND_MS = 100;

/**
 * Sends the words of all running turns: first words at once, then one pipeline per process every 100 ms. An error of
 * Redis never fails an answer: the sender falls back on the committed text.
 */
@Injectable()
export class ReplyFlusher implements ReplySink {
  private readonly dirty = new Set<ReplyWriter>();
  private round: NodeJS.Timeout | undefined;
  private readonly firsts: ReplyWriter[] = [];
  private readonly news: ReplyNews[] = [];
  private soon: NodeJS.Immediate | undefined;

  constructor(
    private readonly stream: ReplyStream,
    private readonly logger: Logger,
  ) {}

  open(turnId: string, attempt: number): ReplyWriter {
    return new ReplyWriter(turnId, attempt, this);
  }

  wants(writer: ReplyWriter, soon: boolean): void {
    if (soon) {
      this.firsts.push(writer);
      this.tell({ turnId: writer.turnId, attempt: writer.attempt, kind: 'first_words' });
      return;
    }
    this.dirty.add(writer);
    this.round ??= setTimeout(() => this.sendRound(), ROUND_MS);
  }

  /** Wakes the sender of a turn; missing it costs at most a second. */
  tell(news: ReplyNews): void {
    this.news.push(news);
    // What is said in the same moment goes in one pipeline.
    this.soon ??= setImmediate(() => this.sendSoon());
  }

  private sendSoon(): void {
    this.soon = undefined;
    void this.send(this.firsts.splice(0), this.news.splice(0));
  }

  private sendRound(): void {
    this.round = undefined;
    const writers = [...this.dirty];
    this.dirty.clear();
    void this.send(writers, []);
  }

  private async send(writers: readonly ReplyWriter[], news: readonly ReplyNews[]): Promise<void> {
    const appends = writers.flatMap((writer) => {
      const delta = writer.take();
      return delta ? [{ turnId: writer.turnId, attempt: writer.attempt, delta }] : [];
    });
    try {
      await this.stream.append(appends, news);
    } catch (error) {
      // The gap shows by its offset, and the committed text counts.
      this.logger.debug('reply stream not written', { error });
    }
  }
}
