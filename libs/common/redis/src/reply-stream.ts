import type Redis from 'ioredis';

import type { ReplyDelta, ReplyNews } from '@common/contracts';

import type { RedisKeys } from './redis-keys';

const LIFE_SECONDS = 3_600;

export interface ReplyAppend {
  readonly turnId: string;
  readonly attempt: number;
  readonly delta: ReplyDelta;
}

/** The words of running turns, as ordered deltas. Losing it costs nothing but smoothness: the committed answer counts. */
export class ReplyStream {
  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {}

  /**
   * One pipeline for all turns of the process: the words, then the news of them. In a Cluster, where a pipeline is of one node,
   * each turn has its own.
   * @throws when Redis is away
   */
  async append(appends: readonly ReplyAppend[], news: readonly ReplyNews[] = []): Promise<void> {
    if (!this.redis.isCluster) return this.write(appends, news);
    await Promise.all(appends.map((append) => this.write([append], [])));
    await Promise.all(news.map((item) => this.write([], [item])));
  }

  private async write(appends: readonly ReplyAppend[], news: readonly ReplyNews[]): Promise<void> {
    if (appends.length + news.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const { turnId, attempt, delta } of appends) {
      const key = this.keys.replyStream(turnId, attempt);
      const note = delta.note === undefined ? [] : ['n', delta.note];
      pipeline.xadd(key, '*', 'o', delta.offset, 't', delta.text, ...note);
      pipeline.expire(key, LIFE_SECONDS);
    }
    for (const item of news) pipeline.publish(this.keys.replyNews, JSON.stringify(item));
    const results = await pipeline.exec();
    const failed = results?.find(([error]) => error);
    if (failed?.[0]) throw failed[0];
  }

  /** The deltas after `lastId` (exclusive; `-` for all) and the id to go on from. */
  async read(
    turnId: string,
    attempt: number,
    lastId: string,
  ): Promise<{ readonly deltas: ReplyDelta[]; readonly lastId: string }> {
    const from = lastId === '-' ? '-' : `(${lastId}`;
    const entries = await this.redis.xrange(this.keys.replyStream(turnId, attempt), from, '+');
    const deltas = entries.map(([, fields]) => toDelta(fields));
    return { deltas, lastId: entries.at(-1)?.[0] ?? lastId };
  }
}

function toDelta(fields: readonly string[]): ReplyDelta {
  // Names and values alternate; a value may read like a name.
  const at = (name: string): string | undefined =>
    fields.find((_value, n) => n % 2 === 1 && fields[n - 1] === name);
  const note = at('n');
  const words = { offset: Number(at('o')), text: at('t') ?? '' };
  return note === undefined ? words : { ...words, note };
}
