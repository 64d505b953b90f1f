export interface PatienceOptions {
  readonly totalMs: number;
  /** Before the first sign of life. */
  readonly firstMs: number;
  /** Between two signs of life. */
  readonly silenceMs: number;
}

/** Ends a call that takes too long in total or says nothing for too long; follows the caller's signal too. */
export class Patience {
  private readonly controller = new AbortController();
  private readonly total: NodeJS.Timeout;
  private silence: NodeJS.Timeout;
  private hasHeard = false;
  private readonly follow = (): void => this.controller.abort(this.outer.reason);
  private over = false;

  constructor(
    private readonly outer: AbortSignal,
    private readonly options: PatienceOptions,
  ) {
    this.total = setTimeout(() => this.run(), options.totalMs);
    this.silence = setTimeout(() => this.run(), options.firstMs);
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
    if (this.hasHeard) return void this.silence.refresh();
    this.hasHeard = true;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.run(), this.options.silenceMs);
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
