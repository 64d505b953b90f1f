import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { MAX_ANSWER_FILES } from '@common/domain';
import { answerFileKey, ObjectStore, sentFileKey } from '@common/files';
import { RedisKeys } from '@common/redis';

import { type KeptFile, type KeptTurn, WordsRepository } from './words.repository';

/** Rows of one transaction. */
const BATCH = 200;

export interface Erased {
  readonly turns: number;
  readonly events: number;
  readonly files: number;
}
interface Source {
  files(most: number): Promise<KeptFile[]>;
  turns(most: number): Promise<KeptTurn[]>;
  events(most: number): Promise<string[]>;
}

/**
 * Takes words away, batch by batch: objects of files before their rows, running words in Redis before the turns. Stopped in
 * the middle, the next run goes on: what is gone is not found again.
 */
@Injectable()
export class Eraser {
  constructor(
    private readonly words: WordsRepository,
    private readonly store: ObjectStore,
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {}

  ofMember(tenantId: string, memberId: string): Promise<Erased> {
    return this.erase(tenantId, {
      files: (most) => this.words.filesOfMember(tenantId, memberId, most),
      turns: (most) => this.words.turnsOfMember(tenantId, memberId, most),
      events: (most) => this.words.eventsOfMember(tenantId, memberId, most),
    });
  }

  /** What a channel no longer keeps. */
  ofChannel(tenantId: string, channelId: string): Promise<Erased> {
    return this.erase(tenantId, {
      files: (most) => this.words.oldFiles(tenantId, channelId, most),
      turns: (most) => this.words.oldTurns(tenantId, channelId, most),
      events: (most) => this.words.oldEvents(tenantId, channelId, most),
    });
  }

  private async erase(tenantId: string, source: Source): Promise<Erased> {
    const files = await each(source.files, (rows) => this.files(tenantId, rows));
    const turns = await each(source.turns, (rows) => this.turns(tenantId, rows));
    const events = await each(source.events, (ids) => this.words.eraseEvents(tenantId, ids));
    return { files, turns, events };
  }

  private async files(tenantId: string, rows: readonly KeptFile[]): Promise<void> {
    // Of tries whose process died, too: no row names those.
    for (const row of rows) await this.remove(fileKeys(tenantId, row));
    await this.words.eraseFiles(
      tenantId,
      rows.map(({ id }) => id),
    );
  }

  /** What is not there is removed, too. Side by side: most are not there, and a store may be far away. */
  private async remove(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.store.remove(key)));
  }

  private async turns(tenantId: string, rows: readonly KeptTurn[]): Promise<void> {
    const streams = rows.flatMap(({ id, attempt }) =>
      Array.from({ length: attempt }, (_, n) => this.keys.replyStream(id, n + 1)),
    );
    // One by one: in a Cluster each may be elsewhere.
    for (const stream of streams) await this.redis.unlink(stream);
    // Of tries that were lost, too: those have an object and no row.
    for (const row of rows) await this.remove(answerKeys(tenantId, row));
    await this.words.eraseAnswerFiles(
      tenantId,
      rows.map(({ id }) => id),
    );
    await this.words.eraseTurns(
      tenantId,
      rows.map(({ id }) => id),
    );
  }
}

const fileKeys = (
  tenantId: string,
  { id, channel_id, attempt, object_key }: KeptFile,
): string[] => [
  ...(object_key === null ? [] : [object_key]),
  ...Array.from({ length: attempt }, (_, n) => sentFileKey(tenantId, channel_id, id, n + 1)),
];

/** Where the generator may have put what an agent gave with an answer. */
const answerKeys = (tenantId: string, { id, attempt }: KeptTurn): string[] =>
  Array.from({ length: attempt * MAX_ANSWER_FILES }, (_, n) =>
    answerFileKey(tenantId, id, Math.floor(n / MAX_ANSWER_FILES) + 1, (n % MAX_ANSWER_FILES) + 1),
  );

async function each<T>(
  find: (most: number) => Promise<T[]>,
  take: (rows: T[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (;;) {
    const rows = await find(BATCH);
    if (rows.length === 0) return count;
    await take(rows);
    count += rows.length;
    if (rows.length < BATCH) return count;
  }
}
