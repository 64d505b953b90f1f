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
  notice: 2,
  frame: 3,
};
/** Answers are served four times for each notice that waits. */
const NOTICE_COST = 4;

/**
 * Who goes next at one bucket: by purpose, then by how little its flow was served (start-time fair queueing), then by
 * arrival. Among texts a notice costs its flow, which all notices share, four times as much as an answer costs a thread.
 */
export class FairQueue<T extends Waiting> {
  /** In order of arrival. */
  private entries: Entry<T>[] = [];
  private readonly served = new Map<string, number>();
  private now = 0;

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Whether somebody waits who must be served, as opposed to frames that may be left out. */
  get hasNecessary(): boolean {
    return this.entries.some(({ item }) => item.purpose !== 'frame');
  }

  add(item: T): void {
    const flow = flowOf(item);
    const start = Math.max(this.now, this.served.get(flow) ?? 0);
    this.served.set(flow, start + (item.purpose === 'notice' ? NOTICE_COST : 1));
    this.entries.push({ item, start });
  }

  remove(item: T): void {
    this.entries = this.entries.filter((entry) => entry.item !== item);
    this.forget();
  }

  take(): T | null {
    let best: Entry<T> | undefined;
    for (const entry of this.entries) if (!best || goesBefore(entry, best)) best = entry;
    if (!best) return null;
    this.now = Math.max(this.now, best.start);
    this.remove(best.item);
    return best.item;
  }

  /** Nobody waits: all flows are equal again. */
  private forget(): void {
    if (this.entries.length > 0) return;
    this.served.clear();
    this.now = 0;
  }
}

const flowOf = ({ purpose, flow }: Waiting): string => (purpose === 'notice' ? 'notices' : flow);

const goesBefore = <T extends Waiting>(one: Entry<T>, other: Entry<T>): boolean =>
  rank[one.item.purpose] - rank[other.item.purpose] < 0 ||
  (rank[one.item.purpose] === rank[other.item.purpose] && one.start < other.start);
