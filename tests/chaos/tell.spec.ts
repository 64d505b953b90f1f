import type { ChaosReport } from './chaos-run';
import { countsOf, progressOf, verdictOf } from './tell';

const aReport = (changes: Partial<ChaosReport> = {}): ChaosReport => ({
  seed: 7,
  minutes: 1,
  questions: 250,
  outcomes: { answered: 240, failed: 10 },
  acts: { kill: 9, cut: 4 },
  calls: 1_000,
  quietAfterMs: 4_200,
  onTheDesk: 0,
  findings: [],
  ...changes,
});

describe('what chaos tells', () => {
  it('says in its first line that every promise was kept', () => {
    const [first, second, third] = verdictOf(aReport(), 'x').split('\n');

    expect(first).toBe('chaos, seed 7: every promise was kept');
    expect(second).toContain('250 questions in 1 min (answered 240, failed 10)');
    expect(third).toContain('kill 9, cut 4');
  });

  it('names each broken promise and where the evidence is', () => {
    const findings = [{ promise: 'P2', what: 'b0d1-3 is shown 2 times' }];

    const words = verdictOf(aReport({ findings }), '.data/chaos/seed-7');

    expect(words).toContain('1 promises broken');
    expect(words).toContain('P2 (one answer each): b0d1-3 is shown 2 times');
    expect(words).toContain('.data/chaos/seed-7.json');
  });

  it('counts acts, the most frequent first', () => {
    expect(countsOf(['cut', 'kill', 'kill'])).toBe('kill 2, cut 1');
    expect(progressOf(7, 15_000, { questions: 60, done: [] })).toBe(
      'chaos, seed 7, 15 s: 60 questions asked; done to it: nothing yet\n',
    );
  });
});
