import { isDeepStrictEqual } from 'node:util';
import type { Fault, FaultInput } from './fault.schema';

/** A call that a fault may meet. */
export interface FaultTarget {
  /** All names the call goes by: its name and `METHOD /path/template`. */
  readonly names: readonly string[];
  readonly clientId: string | undefined;
  readonly body: unknown;
}

/** The switchboard: which faults are on, and which one a call meets. */
export class FaultBoard {
  private readonly faults = new Map<string, Fault>();
  private nextId = 1;

  put(input: FaultInput): Fault {
    const fault = { ...input, id: input.id ?? `fault-${this.nextId++}`, matched: 0, fired: 0 };
    this.faults.set(fault.id, fault);
    return fault;
  }

  remove(id: string): boolean {
    return this.faults.delete(id);
  }

  list(): Fault[] {
    return [...this.faults.values()];
  }

  clear(): void {
    this.faults.clear();
  }

  /** The fault that this call meets, first set first. Counts the call. */
  take(target: FaultTarget): Fault | undefined {
    for (const fault of this.faults.values()) {
      if (!matches(fault, target)) continue;
      fault.matched += 1;
      if (fault.every && fault.matched % fault.every !== 0) continue;
      fault.fired += 1;
      if (fault.times && fault.fired >= fault.times) this.faults.delete(fault.id);
      return fault;
    }
    return undefined;
  }
}

function matches(fault: Fault, target: FaultTarget): boolean {
  if (fault.on !== '*' && !target.names.includes(fault.on)) return false;
  if (fault.clientId && fault.clientId !== target.clientId) return false;
  if (!fault.only) return true;
  const body = target.body;
  if (typeof body !== 'object' || body === null) return false;
  return Object.entries(fault.only).every(([key, wanted]) =>
    isDeepStrictEqual((body as Record<string, unknown>)[key], wanted),
  );
}
