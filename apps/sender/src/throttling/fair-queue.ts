import type { CallPurpose } from './send-budget.port';

export interface Waiting {
  readonly purpose: CallPurpose;
  readonly flow: string;
}

interface Entry<T extends Waiting> {
  readonly item: T;
  /** Start tag of start-time fair queueing: how much its flow had been served when it came. */
  readonly start: number;
}

const rank: Readonly<Record<CallPurpose, number>> = {
  final: 0,
  create: 1,
  text: 2,
  notice: 3,
  frame: 4,
};
/** While both wait, one call is a notice's for so many that answers need. */
const ANSWERS_PER_NOTICE = 4;

/**
 * Who goes next at one bucket: by purpose, then by how little its flow was served (start-time fair queueing), then by
 * arrival. Answers and notices have shares of their own, so that neither waits for the end of the other: of five calls
 * one is a notice's, whatever the answers' calls are for.
 */
export class FairQueue<T extends Waiting> {
  /** In order of arrival. */
  private entries: Entry<T>[] = [];
  private readonly served = new Map<string, number>();
  private now = 0;
  /** Necessary calls of answers since one of a notice, while a notice waited. */
  private answersSinceNotice = 0;

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Whether an answer waits for a call that it needs, as opposed to frames that may be left out. */
  get hasAnswers(): boolean {
    return this.entries.some(({ item }) => isAnswers(item));
  }

  get hasNotices(): boolean {
    return this.entries.some(({ item }) => item.purpose === 'notice');
  }

  add(item: T): void {
    const start = Math.max(this.now, this.served.get(item.flow) ?? 0);
    this.served.set(item.flow, start + 1);
    this.entries.push({ item, start });
  }

  remove(item: T): void {
    this.entries = this.entries.filter((entry) => entry.item !== item);
    this.forget();
  }

  take(): T | null {
    const isNoticesTurn = this.hasNotices && this.answersSinceNotice >= ANSWERS_PER_NOTICE;
    let best: Entry<T> | undefined;
    for (const entry of this.entries) {
      if (isNoticesTurn && entry.item.purpose !== 'notice') continue;
      if (!best || goesBefore(entry, best)) best = entry;
    }
    if (!best) return null;
    if (best.item.purpose === 'notice') this.answersSinceNotice = 0;
    else if (this.hasNotices) this.answersSinceNotice += 1;
    this.now = Math.max(this.now, best.start);
    this.remove(best.item);
    return best.item;
  }

  /** Nobody waits: all flows are equal again. */
  private forget(): void {
    if (this.entries.length > 0) return;
    this.served.clear();
    this.now = 0;
    this.answersSinceNotice = 0;
  }
}

const isAnswers = ({ purpose }: Waiting): boolean => purpose !== 'frame' && purpose !== 'notice';

const goesBefore = <T extends Waiting>(one: Entry<T>, other: Entry<T>): boolean =>
  rank[one.item.purpose] - rank[other.item.purpose] < 0 ||
  (rank[one.item.purpose] === rank[other.item.purpose] && one.start < other.start);
