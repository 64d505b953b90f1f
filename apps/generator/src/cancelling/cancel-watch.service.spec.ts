import type { Incarnation } from '@common/bootstrap';
import type { Database } from '@common/persistence';
import { anId, ManualClock, RecordingLogger, standIn } from '@common/testing';

import type { TurnRepository } from '../generation/turn.repository';
import { CancelWatch } from './cancel-watch.service';
import { type Interruption, TurnsInHand } from './turns-in-hand';

interface Row {
  id: string;
  cancelled: boolean;
  mine: boolean;
}

function aWatch(rows: Row[]) {
  const asked: string[][] = [];
  const inHand = new TurnsInHand();
  const watch = new CancelWatch(
    standIn<Database>({
      acrossTenantsOnce: (
        _reason: unknown,
        _statement: unknown,
        values: readonly unknown[] = [],
      ) => {
        asked.push(values[0] as string[]);
        return Promise.resolve(rows as never[]);
      },
    }),
    standIn<TurnRepository>({}),
    inHand,
    standIn<Incarnation>({ id: anId('me') }),
    new ManualClock(),
    new RecordingLogger(),
  );
  return { watch, inHand, asked };
}
const reasonOf = (signal: AbortSignal): string => (signal.reason as Interruption).reason;

describe('CancelWatch', () => {
  it('asks for no turn that is just being claimed: its row does not say yet that it is ours', async () => {
    const { watch, inHand, asked } = aWatch([]);
    inHand.take(anId('claiming'));

    await watch.look();
    inHand.take(anId('claimed'));
    inHand.confirm(anId('claimed'));
    await watch.look();

    expect(asked).toEqual([[anId('claimed')]]);
  });

  it('interrupts a cancelled turn, and one that another process took', async () => {
    const [one, other] = [anId('1'), anId('2')];
    const { watch, inHand } = aWatch([
      { id: one, cancelled: true, mine: true },
      { id: other, cancelled: false, mine: false },
    ]);
    const signals = [one, other].map((id) => inHand.take(id));
    [one, other].forEach((id) => inHand.confirm(id));

    await watch.look();

    expect(signals.map(reasonOf)).toEqual(['cancelled', 'lost']);
  });

  it('forgets a turn that was put down', async () => {
    const { watch, inHand, asked } = aWatch([]);
    inHand.take(anId('1'));
    inHand.confirm(anId('1'));
    inHand.put(anId('1'));

    await watch.look();

    expect(asked).toEqual([]);
  });
});
