/** The deliveries and notices this process works on, and the handle that ends each early. */
export class DeliveriesInHand {
  private readonly handles = new Map<string, AbortController>();

  get ids(): string[] {
    return [...this.handles.keys()];
  }

  has(id: string): boolean {
    return this.handles.has(id);
  }

  take(id: string): AbortSignal {
    const handle = new AbortController();
    this.handles.set(id, handle);
    return handle.signal;
  }

  put(id: string): void {
    this.handles.delete(id);
  }

  handOverAll(): void {
    for (const handle of this.handles.values()) handle.abort();
  }
}
