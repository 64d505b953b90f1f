/** What a pipeline may know of the next queue: that it takes jobs. */
export interface JobProducer<T> {
  /** Adds the job; resolves when the queue has it. @throws when the queue is away (the sweeper will wake the row). */
  enqueue(payload: T): Promise<void>;
}
