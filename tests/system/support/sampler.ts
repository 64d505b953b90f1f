/** Looks at something over and over until it is told to stop, and keeps what it saw. */
export class Sampler<T> {
  readonly seen: T[] = [];
  private isStopped = false;
  private readonly running: Promise<void>;

  constructor(look: () => Promise<T>, everyMs = 50) {
    this.running = this.loop(look, everyMs);
  }

  /** @throws what a look threw */
  async stop(): Promise<readonly T[]> {
    this.isStopped = true;
    await this.running;
    return this.seen;
  }

  private async loop(look: () => Promise<T>, everyMs: number): Promise<void> {
    while (!this.isStopped) {
      this.seen.push(await look());
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
