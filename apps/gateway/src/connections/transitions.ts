import type { ConnectionReport } from '@common/domain';
import { type Clock, newId } from '@common/kernel';

/** One row of `channel_transition`, but for the gateway. */
export interface Transition {
  readonly id: string;
  readonly tenant_id: string;
  readonly channel_id: string;
  readonly state: string;
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

/** While Postgres is away the oldest go first. */
const MAX_WAITING = 2_000;

/** What this gateway's connections went through and the history does not have yet. */
export class Transitions {
  private readonly unwritten: Transition[] = [];

  constructor(private readonly clock: Clock) {}

  note(
    { id, tenantId }: { readonly id: string; readonly tenantId: string },
    { state, code, message }: ConnectionReport,
  ): void {
    const at = new Date(this.clock.now()).toISOString();
    const names = { id: newId(), tenant_id: tenantId, channel_id: id };
    this.unwritten.push({ ...names, state, code, message, at });
    if (this.unwritten.length > MAX_WAITING) this.unwritten.shift();
  }

  waiting(): readonly Transition[] {
    return [...this.unwritten];
  }

  /** These are in the history. */
  written(transitions: readonly Transition[]): void {
    const done = new Set(transitions.map(({ id }) => id));
    const left = this.unwritten.filter(({ id }) => !done.has(id));
    this.unwritten.splice(0, this.unwritten.length, ...left);
  }
}
