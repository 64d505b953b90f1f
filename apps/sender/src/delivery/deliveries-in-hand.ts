/** The deliveries this process works on, and the handle that ends each early. */
export class DeliveriesInHand {
  private readonly handles = new Map<string, AbortController>();

  get ids(): string[] {
    return [...this.handles.keys()];
  }

  has(deliveryId: string): boolean {
    return this.handles.has(deliveryId);
  }

  take(deliveryId: string): AbortSignal {
    const handle = new AbortController();
    this.handles.set(deliveryId, handle);
    return handle.signal;
  }

  put(deliveryId: string): void {
    this.handles.delete(deliveryId);
  }

  handOverAll(): void {
    for (const handle of this.handles.values()) handle.abort();
  }
}
