import { BoundedMap } from './bounded-map';

/** Sliding windows of calls by key. A refused call does not use up the window. */
export class RateWindow {
  private readonly windows = new BoundedMap<number[]>(20_000);

  constructor(private readonly spanMs: number) {}

  /**
   * True when one more call fits below `limit` within the span; 0 = unlimited.
   * @param earliest when it may have come: then it is counted at the pace that is allowed, and not later than now
   */
  admit(key: string, limit: number, now = Date.now(), earliest = now): boolean {
    if (limit === 0) return true;
    const known = this.windows.get(key) ?? [];
    const inPace = (known.at(-1) ?? 0) + this.spanMs / limit;
    const at = Math.min(now, Math.max(earliest, inPace));
    const recent = known.filter((one) => one > at - this.spanMs);
    const fits = recent.length < limit;
    if (fits) recent.push(at);
    this.windows.set(key, recent);
    return fits;
  }

  clear(): void {
    this.windows.clear();
  }
}
