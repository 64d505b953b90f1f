import { MicroBatch, type MicroBatchOptions } from './micro-batch';

/** Micro-batches by key: only items of one key share a batch, and keys never wait for each other. */
export class KeyedBatches<In, Out> {
  private readonly batches = new Map<string, MicroBatch<In, Out>>();

  /** @param run answers each item of this key in its place */
  constructor(
    private readonly run: (key: string, items: readonly In[]) => Promise<readonly Out[]>,
    private readonly options: MicroBatchOptions,
  ) {}

  add(key: string, item: In): Promise<Out> {
    const known = this.batches.get(key);
    if (known) return known.add(item);
    const batch = new MicroBatch<In, Out>((items) => this.run(key, items), this.options);
    this.batches.set(key, batch);
    return batch.add(item);
  }
}
