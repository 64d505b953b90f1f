import { iso } from '../http/wire';
import type { StepRow } from './timeline.repository';
import type { Checkpoint } from './turns.dto';

/** Steps that somebody noted win over the same step read off a column; all in order of time. */
export function timelineOf(rows: readonly StepRow[]): Checkpoint[] {
  const noted = new Set(rows.filter((row) => row.is_noted).map((row) => row.step));
  return rows
    .filter((row) => row.is_noted || !noted.has(row.step))
    .sort((one, other) => one.at.getTime() - other.at.getTime() || rank(one) - rank(other))
    .map(({ at, step, detail }) => ({
      at: iso(at),
      step,
      detail: (detail ?? null) as Checkpoint['detail'],
    }));
}

// Rows of one transaction carry the same time.
const LIFE = [
  'received',
  'acknowledged',
  'dispatched',
  'queued',
  'activated',
  'generated',
  'delivered',
  'undelivered',
  'ended',
];

function rank({ step }: StepRow): number {
  const at = LIFE.indexOf(step);
  return at < 0 ? LIFE.indexOf('activated') : at;
}
