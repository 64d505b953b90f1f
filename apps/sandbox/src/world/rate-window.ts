import { BoundedMap } from './bounded-map';

/** Sliding windows of calls by key. A refused call does not use up the window. */
export class RateWindow {
  private readonly windows = new BoundedMap<number[]>(20_000);

  constructor(private readonly spanMs: number) {}

  /** True when one more call fits below `limit` within the span; 0 = unlimited. */
  admit(key: string, limit: number, now = Date.now()): boolean {
    if (limit === 0) return true;
    const recent = (this.windows.get(key) ?? []).filter((at) => at > now - this.spanMs);
    const fits = recent.length < limit;
    if (fits) recent.push(now);
    this.windows.set(key, recent);
    return fits;
  }

  clear(): void {
    this.windows.clear();
  }
}
