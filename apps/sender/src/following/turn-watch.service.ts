import { Inject, Injectable } from '@nestjs/common';

import { CoreConfig } from '@common/bootstrap';
import { replyNews, type ReplyNews } from '@common/contracts';
import type { Ask } from '@common/domain';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';
import { connectRedis, keepSubscribed, RedisKeys, redisPlaceOf } from '@common/redis';

import { FollowedTurn, type TurnEnd, type TurnQuestion } from './followed-turn';

const LOOK_EVERY_MS = 1_000;

interface Row {
  id: string;
  state: string;
  attempt: number;
  outcome: TurnEnd['outcome'] | null;
  answer: string | null;
  has_files: boolean;
  question: string | null;
  ask: Ask | null;
  asked: number | null;
}

/**
 * Tells the followed turns of this process what happens to them: pub/sub brings first words and ends at once, and one
 * query per second asks Postgres for all, so that lost news cost a second.
 */
@Injectable()
export class TurnWatch {
  private readonly followed = new Map<string, FollowedTurn>();
  private readonly due = new Set<string>();
  private readonly stopping = new AbortController();
  private looking = false;
  private subscriber: ReturnType<typeof connectRedis> | undefined;

  constructor(
    private readonly database: Database,
    private readonly keys: RedisKeys,
    @Inject(CoreConfig) private readonly config: CoreConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    const onFault = (error: unknown): void => this.logger.debug('reply news not heard', { error });
    this.subscriber = connectRedis({
      ...redisPlaceOf(this.config),
      name: 'reply-news',
      mood: 'patient',
      onError: onFault,
    });
    this.subscriber.on('message', (_channel: string, text: string) => this.hear(text));
    keepSubscribed(this.subscriber, this.keys.replyNews, onFault);
    void this.loop();
  }

  stop(): void {
    this.stopping.abort();
    this.subscriber?.disconnect();
  }

  follow(turnId: string, attempt: number): FollowedTurn {
    const followed = new FollowedTurn(turnId, attempt, this.clock);
    this.followed.set(turnId, followed);
    // It may have ended before we came.
    this.look([turnId]);
    return followed;
  }

  unfollow(turnId: string): void {
    this.followed.delete(turnId);
  }

  private hear(text: string): void {
    const news = parseNews(text);
    const followed = news && this.followed.get(news.turnId);
    if (!followed) return;
    if (news.kind === 'end') this.look([news.turnId]);
    else followed.hasWords(news.attempt);
  }

  /** Looks as soon as the look that is under way has ended: under load one query serves many. */
  private look(turnIds: readonly string[]): void {
    for (const id of turnIds) this.due.add(id);
    if (!this.looking) void this.lookAtDue();
  }

  private async lookAtDue(): Promise<void> {
    this.looking = true;
    while (this.due.size > 0) {
      const ids = [...this.due];
      this.due.clear();
      try {
        await this.read(ids);
      } catch (error) {
        this.logger.debug('turns not read', { error });
        break;
      }
    }
    this.looking = false;
  }

  private async read(ids: readonly string[]): Promise<void> {
    const rows = await this.database.acrossTenantsOnce<Row>(
      'reconcile',
      { name: 'turn.ends', text: ENDS },
      [ids],
    );
    for (const row of rows) {
      const { id, state, attempt, outcome, answer, has_files: hasFiles } = row;
      const followed = this.followed.get(id);
      if (outcome !== null && state !== 'active')
        followed?.hasEnded({ outcome, text: answer ?? '', hasFiles });
      else if (attempt > 0) followed?.hasWords(attempt);
      followed?.asks(questionOf(row));
    }
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.clock.sleep(LOOK_EVERY_MS, this.stopping.signal);
      if (this.followed.size > 0) this.look([...this.followed.keys()]);
    }
  }
}

const ENDS = `
SELECT t.id, t.state, t.attempt, t.outcome, CASE WHEN t.outcome IS NOT NULL THEN t.answer END AS answer,
       t.outcome IS NOT NULL AND EXISTS (
         SELECT 1 FROM answer_file f WHERE f.turn_id = t.id AND f.attempt = t.attempt) AS has_files,
       w.question, w.ask, w.asked
  FROM turn t LEFT JOIN turn_wait w ON w.turn_id = t.id AND t.state = 'waiting'
 WHERE t.id = ANY($1) AND t.state <> 'queued'`;

const questionOf = ({ question, ask, asked }: Row): TurnQuestion | null =>
  question && ask && asked ? { n: asked, text: question, ask } : null;

/** Strange news are no news. */
function parseNews(text: string): ReplyNews | null {
  try {
    return replyNews.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
