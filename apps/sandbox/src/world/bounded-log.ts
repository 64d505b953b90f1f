/** The newest `capacity` entries; older ones are forgotten, so that a long-lived sandbox stays small. */
export class BoundedLog<T> {
  private entries: T[] = [];

  constructor(private readonly capacity: number) {}

  add(entry: T): T {
    this.entries.push(entry);
    // Cut in slices: one splice per entry would make a full log quadratic.
    if (this.entries.length > this.capacity * 1.25)
      this.entries = this.entries.slice(-this.capacity);
    return entry;
  }

  list(): readonly T[] {
    return this.entries.slice(-this.capacity);
  }

  clear(): void {
    this.entries = [];
  }
}
