/**
 * A signal that aborts after a time or with its parents, whichever is first. `AbortSignal.any` would leave its traces
 * on parents that live as long as the process; this one takes its listeners and its timer with it: call `dispose`.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #parents: readonly AbortSignal[];
  #isOver = false;

  constructor(timeoutMs: number, ...parents: readonly (AbortSignal | undefined)[]) {
    this.#parents = parents.filter((parent) => parent !== undefined);
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.#abort();
    }, timeoutMs);
    for (const parent of this.#parents)
      parent.addEventListener('abort', this.#abort, { once: true });
    if (this.#parents.some(({ aborted }) => aborted)) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when time ran out, false when a parent gave up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const parent of this.#parents) parent.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort();
}
