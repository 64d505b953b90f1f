/** Why a running answer is ended from outside. */
export class Interruption extends Error {
  constructor(readonly reason: 'cancelled' | 'shutdown' | 'lost') {
    super(reason);
  }
}

/** The turns this process is answering right now, and the handle that ends each. */
export class TurnsInHand {
  private readonly handles = new Map<string, AbortController>();
  private readonly claimed = new Set<string>();

  get ids(): string[] {
    return [...this.handles.keys()];
  }

  /** Those whose row says that they are ours. One that is just being claimed would look like a lost one. */
  get claimedIds(): string[] {
    return [...this.claimed];
  }

  has(turnId: string): boolean {
    return this.handles.has(turnId);
  }

  take(turnId: string): AbortSignal {
    const handle = new AbortController();
    this.handles.set(turnId, handle);
    return handle.signal;
  }

  confirm(turnId: string): void {
    this.claimed.add(turnId);
  }

  interrupt(turnId: string, reason: Interruption['reason']): void {
    this.handles.get(turnId)?.abort(new Interruption(reason));
  }

  interruptAll(reason: Interruption['reason']): void {
    for (const handle of this.handles.values()) handle.abort(new Interruption(reason));
  }

  put(turnId: string): void {
    this.handles.delete(turnId);
    this.claimed.delete(turnId);
  }
}
