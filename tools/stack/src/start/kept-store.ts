import { type ManagedProcess } from '../managed-process';

export interface Store {
  readonly url: string;
  readonly port: number;
  /** Resolves when its process has ended, for whatever reason. */
  readonly ended: ManagedProcess['ended'];
  stop(): Promise<void>;
}

const pauseMs = 1_000;

/** Keeps an embedded store up: one that ends by itself is started again at the same address. */
export class KeptStore<S extends Store> {
  private stopping = false;

  private constructor(
    private current: S,
    private readonly restart: (port: number) => Promise<S>,
    private readonly onDeath: (error?: unknown) => void,
  ) {
    this.watch();
  }

  static async start<S extends Store>(
    start: (port: number) => Promise<S>,
    onDeath: (error?: unknown) => void,
  ): Promise<KeptStore<S>> {
    return new KeptStore(await start(0), start, onDeath);
  }

  get store(): S {
    return this.current;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.current.stop();
  }

  private watch(): void {
    const { current } = this;
    void current.ended.then(async () => {
      if (this.stopping) return;
      this.onDeath();
      await current.stop(); // gives its lock back
      await this.revive(current.port);
    });
  }

  private async revive(port: number): Promise<void> {
    while (!this.stopping) {
      try {
        const next = await this.restart(port);
        this.current = next;
        if (this.stopping) return await next.stop();
        return this.watch();
      } catch (error) {
        this.onDeath(error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }
}
