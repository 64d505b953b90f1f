/**
 * The life of one service beyond its HTTP server. Order at the end: take nothing new in → finish what is in hand, to a
 * deadline → release leases; then the stores are closed.
 */
export abstract class ServiceLife {
  /** Called once the schema is usable and the process has its incarnation. */
  abstract start(): Promise<void>;
  abstract stopIntake(): Promise<void>;
  /** Resolves when nothing is in hand any more, at the latest after `deadlineMs`. */
  abstract finish(deadlineMs: number): Promise<void>;
}
