interface Waiting<In, Out> {
  readonly item: In;
  readonly resolve: (result: Out) => void;
  readonly reject: (error: unknown) => void;
}

export interface MicroBatchOptions {
  /** Batches under way at a time; 1 where they would only wait for each other. */
  readonly width: number;
  /** Items of one batch at the most. */
  readonly most: number;
  /** Whether a failure says nothing about the items (the store is away): all are told at once, none is tried alone. */
  readonly isOfAll?: (error: unknown) => boolean;
}

/**
 * Gathers single calls into batches without a timer: while as many as allowed are under way the next one grows, and when it is
 * quiet a batch is one item. A batch that fails for the sake of an item is tried item by item, so that a bad one fails alone.
 */
export class MicroBatch<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private underWay = 0;

  /** @param run answers each item in its place */
  constructor(
    private readonly run: (items: readonly In[]) => Promise<readonly Out[]>,
    private readonly options: MicroBatchOptions,
  ) {}

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.flush();
    });
  }

  private flush(): void {
    while (this.underWay < this.options.width && this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.options.most);
      this.underWay += 1;
      void this.settle(batch).finally(() => {
        this.underWay -= 1;
        this.flush();
      });
    }
  }

  private async settle(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, n) => resolve(results[n] as Out));
    } catch (error) {
      const isSettled = batch.length === 1 || this.options.isOfAll?.(error) === true;
      if (isSettled) for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.settle([one]);
    }
  }
}
