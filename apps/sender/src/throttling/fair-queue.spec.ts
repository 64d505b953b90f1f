import { FairQueue } from './fair-queue';
import type { CallPurpose } from './send-budget.port';

interface Call {
  readonly purpose: CallPurpose;
  readonly flow: string;
  readonly name: string;
}

function aQueue(...calls: [CallPurpose, string, string?][]): FairQueue<Call> {
  const queue = new FairQueue<Call>();
  for (const [purpose, flow, name = flow] of calls) queue.add({ purpose, flow, name });
  return queue;
}
function order(queue: FairQueue<Call>): string[] {
  const names: string[] = [];
  for (let call = queue.take(); call; call = queue.take()) names.push(call.name);
  return names;
}

describe('FairQueue', () => {
  it('P7 lets finals go before creates, creates before texts, and frames last, whoever came first', () => {
    const queue = aQueue(
      ['frame', 'a', 'frame'],
      ['text', 'b', 'text'],
      ['create', 'c', 'create'],
      ['final', 'd', 'final'],
    );
    expect(order(queue)).toEqual(['final', 'create', 'text', 'frame']);
  });

  it('serves threads in turns, however much one of them asks for', () => {
    const queue = aQueue(
      ...[1, 2, 3, 4].map((n): [CallPurpose, string, string] => ['text', 'noisy', `noisy ${n}`]),
      ['text', 'quiet'],
      ['text', 'calm'],
    );
    expect(order(queue)).toEqual(['noisy 1', 'quiet', 'calm', 'noisy 2', 'noisy 3', 'noisy 4']);
  });

  it('serves those who ask once in order of arrival', () => {
    const queue = aQueue(['final', 'a'], ['final', 'b'], ['final', 'c']);
    expect(order(queue)).toEqual(['a', 'b', 'c']);
  });

  it.each(['text', 'create', 'final'] as const)(
    'P7 gives all notices together one call for four of %s, and no less',
    (purpose) => {
      const queue = aQueue(
        ...Array.from({ length: 3 }, (_, n): [CallPurpose, string, string] => [
          'notice',
          `notice ${n}`,
          `N${n}`,
        ]),
        ...Array.from({ length: 9 }, (_, n): [CallPurpose, string, string] => [
          purpose,
          'a',
          `A${n}`,
        ]),
      );
      expect(order(queue)).toEqual([
        ...['A0', 'A1', 'A2', 'A3', 'N0'],
        ...['A4', 'A5', 'A6', 'A7', 'N1'],
        ...['A8', 'N2'],
      ]);
    },
  );

  it('serves notices in turns among themselves, and before frames', () => {
    const queue = aQueue(
      ['frame', 'a', 'frame'],
      ['notice', 'many', 'M1'],
      ['notice', 'many', 'M2'],
      ['notice', 'few', 'F1'],
    );
    expect(order(queue)).toEqual(['M1', 'F1', 'M2', 'frame']);
  });

  it('keeps no grudge: a flow that was served much starts anew when nobody waits', () => {
    const queue = aQueue(['text', 'noisy'], ['text', 'noisy'], ['text', 'noisy']);
    order(queue);
    queue.add({ purpose: 'text', flow: 'noisy', name: 'noisy' });
    queue.add({ purpose: 'text', flow: 'quiet', name: 'quiet' });
    expect(order(queue)).toEqual(['noisy', 'quiet']);
  });

  it('forgets who no longer wants to, and knows who waits', () => {
    const queue = new FairQueue<Call>();
    const frame: Call = { purpose: 'frame', flow: 'a', name: 'frame' };
    const final: Call = { purpose: 'final', flow: 'a', name: 'final' };
    queue.add(frame);
    queue.add({ purpose: 'notice', flow: 'n', name: 'notice' });
    expect([queue.hasAnswers, queue.hasNotices]).toEqual([false, true]);
    queue.add(final);
    expect(queue.hasAnswers).toBe(true);
    queue.remove(final);
    expect(queue.hasAnswers).toBe(false);
    expect(queue.take()?.name).toBe('notice');
    queue.remove(frame);
    expect(queue.isEmpty).toBe(true);
    expect(queue.take()).toBeNull();
  });
});
