import type { Incarnation } from '@common/bootstrap';
import { standIn } from '@common/testing';

import { Lease, LeaseLostError } from './lease';

/** Holds as long as nobody lost the term in which the lease began. */
function anIncarnation() {
  const state = { term: 4, lastsMs: 6_000 };
  const incarnation = standIn<Incarnation>({
    get term() {
      return state.term;
    },
    holdsFor: (ms, term) => Promise.resolve(term === state.term && state.lastsMs >= ms),
  });
  return { incarnation, state };
}

it('holds while the process is alive', async () => {
  const { incarnation } = anIncarnation();
  await expect(new Lease(incarnation, 4_000).mustHold()).resolves.toBeUndefined();
});

it('late: is over for good once the term of its claim is over', async () => {
  const { incarnation, state } = anIncarnation();
  const lease = new Lease(incarnation, 4_000);
  state.term += 1;
  await expect(lease.mustHold()).rejects.toThrow(LeaseLostError);
});

it('must outlive the call', async () => {
  const { incarnation, state } = anIncarnation();
  state.lastsMs = 3_999;
  await expect(new Lease(incarnation, 4_000).mustHold()).rejects.toThrow(LeaseLostError);
});
