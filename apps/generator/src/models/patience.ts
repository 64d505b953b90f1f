export interface PatienceOptions {
  readonly totalMs: number;
  /** Between two signs of life, and before the first. */
  readonly silenceMs: number;
}

/** Ends a call that takes too long in total or says nothing for too long; follows the caller's signal too. */
export class Patience {
  private readonly controller = new AbortController();
  private readonly total: NodeJS.Timeout;
  private readonly silence: NodeJS.Timeout;
  private readonly follow = (): void => this.controller.abort(this.outer.reason);
  private over = false;

  constructor(
    private readonly outer: AbortSignal,
    { totalMs, silenceMs }: PatienceOptions,
  ) {
    this.total = setTimeout(() => this.run(), totalMs);
    this.silence = setTimeout(() => this.run(), silenceMs);
    outer.addEventListener('abort', this.follow, { once: true });
    if (outer.aborted) this.follow();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Whether it was our patience that ended the call. */
  get isOver(): boolean {
    return this.over;
  }

  heard(): void {
    this.silence.refresh();
  }

  end(): void {
    clearTimeout(this.total);
    clearTimeout(this.silence);
    this.outer.removeEventListener('abort', this.follow);
  }

  private run(): void {
    this.over = true;
    this.controller.abort(new Error('out of patience'));
  }
}
