import type { Ask, Outcome } from '@common/domain';
import type { Clock } from '@common/kernel';

export interface TurnEnd {
  readonly outcome: Outcome;
  /** The committed text to show. */
  readonly text: string;
  /** The agent gave more than words. */
  readonly hasFiles?: boolean;
}

/** What a waiting turn asks its person. */
export interface TurnQuestion {
  /** The how-manieth of the turn, from 1. */
  readonly n: number;
  readonly text: string;
  readonly ask: Ask;
}

/** Nobody reads it; without a reason each ring would make an error with its stack. */
const RUNG = 'rung';

/** One turn as its sender follows it: which attempt runs, whether it ended, and a bell for both. */
export class FollowedTurn {
  private ended: TurnEnd | null = null;
  /** Something happened that nobody has heard of yet. */
  private isRung = false;
  /** While somebody waits for something to happen. */
  private bell: AbortController | null = null;
  private asked: TurnQuestion | null = null;
  private words = false;
  private readonly over = new AbortController();

  constructor(
    readonly turnId: string,
    private currentAttempt: number,
    private readonly clock: Clock,
  ) {}

  /** Aborted when the turn has ended. */
  get endSignal(): AbortSignal {
    return this.over.signal;
  }

  get end(): TurnEnd | null {
    return this.ended;
  }

  /** What the person is asked right now. */
  get question(): TurnQuestion | null {
    return this.asked;
  }

  /** The attempt whose words may be read; null before the first words. */
  get attempt(): number | null {
    return this.words ? this.currentAttempt : null;
  }

  hasWords(attempt: number): void {
    if (attempt < this.currentAttempt || (this.words && attempt === this.currentAttempt)) return;
    this.currentAttempt = attempt;
    this.words = true;
    this.ring();
  }

  /** @param question null: nothing is asked any more */
  asks(question: TurnQuestion | null): void {
    if (question?.n === this.asked?.n) return;
    this.asked = question;
    this.ring();
  }

  hasEnded(end: TurnEnd): void {
    this.ended ??= end;
    this.over.abort();
    this.ring();
  }

  /** Resolves when something happened, at the latest after `ms`, or when the signal is aborted. */
  async change(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.isRung && !signal.aborted) {
      const bell = (this.bell = new AbortController());
      const stop = (): void => bell.abort(RUNG);
      signal.addEventListener('abort', stop, { once: true });
      await this.clock.sleep(ms, bell.signal);
      signal.removeEventListener('abort', stop);
    }
    this.bell = null;
    this.isRung = false;
  }

  private ring(): void {
    this.isRung = true;
    this.bell?.abort(RUNG);
  }
}
