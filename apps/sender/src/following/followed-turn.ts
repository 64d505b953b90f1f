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

/** One turn as its sender follows it: which attempt runs, whether it ended, and a bell for both. */
export class FollowedTurn {
  private ended: TurnEnd | null = null;
  private bell = new AbortController();
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
    this.bell.abort();
  }

  /** @param question null: nothing is asked any more */
  asks(question: TurnQuestion | null): void {
    if (question?.n === this.asked?.n) return;
    this.asked = question;
    this.bell.abort();
  }

  hasEnded(end: TurnEnd): void {
    this.ended ??= end;
    this.over.abort();
    this.bell.abort();
  }

  /** Resolves when something happened, at the latest after `ms`, or when the signal is aborted. */
  async change(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.bell.signal.aborted)
      await this.clock.sleep(ms, AbortSignal.any([this.bell.signal, signal]));
    this.bell = new AbortController();
  }
}
