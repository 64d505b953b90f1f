import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import type { ReplyNews } from '@common/contracts';
import { Logger } from '@common/logging';
import { RedisKeys, ReplyStream } from '@common/redis';

import { type ReplySink, ReplyWriter } from './reply-writer';

const ROUND_MS = 100;

/**
 * Sends the words of all running turns: first words at once, then one pipeline per process every 100 ms. An error of
 * Redis never fails an answer: the sender falls back on the committed text.
 */
@Injectable()
export class ReplyFlusher implements ReplySink {
  private readonly dirty = new Set<ReplyWriter>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: ReplyStream,
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly logger: Logger,
  ) {}

  open(turnId: string, attempt: number): ReplyWriter {
    return new ReplyWriter(turnId, attempt, this);
  }

  wants(writer: ReplyWriter, soon: boolean): void {
    if (soon) {
      void this.append([writer]).then(() =>
        this.tell({ turnId: writer.turnId, attempt: writer.attempt, kind: 'first_words' }),
      );
      return;
    }
    this.dirty.add(writer);
    this.timer ??= setTimeout(() => this.round(), ROUND_MS);
  }

  /** Wakes the sender of a turn; missing it costs at most a second. */
  async tell(news: ReplyNews): Promise<void> {
    try {
      await this.redis.publish(this.keys.replyNews, JSON.stringify(news));
    } catch (error) {
      this.logger.debug('reply news not told', { turnId: news.turnId, error });
    }
  }

  private round(): void {
    this.timer = undefined;
    const writers = [...this.dirty];
    this.dirty.clear();
    void this.append(writers);
  }

  private async append(writers: readonly ReplyWriter[]): Promise<void> {
    const appends = writers.flatMap((writer) => {
      const delta = writer.take();
      return delta ? [{ turnId: writer.turnId, attempt: writer.attempt, delta }] : [];
    });
    try {
      await this.stream.append(appends);
    } catch (error) {
      // The gap shows by its offset, and the committed text counts.
      this.logger.debug('reply stream not written', { error });
    }
  }
}
