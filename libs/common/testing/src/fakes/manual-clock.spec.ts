import { ManualClock } from './manual-clock';

it('wakes sleepers in order of time, each before the next', async () => {
  const clock = new ManualClock(0);
  const seen: string[] = [];
  const tick = async (): Promise<void> => {
    for (let n = 0; n < 3; n += 1) {
      await clock.sleep(10);
      seen.push(`tick at ${clock.now()}`);
    }
  };
  void tick();
  void clock.sleep(15).then(() => seen.push('other'));

  await clock.pass(30);

  expect(seen).toEqual(['tick at 10', 'other', 'tick at 20', 'tick at 30']);
  expect(clock.sleepers.size).toBe(0);
});

it('wakes a sleeper whose signal is aborted', async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const slept = clock.sleep(1_000, stop.signal);
  stop.abort();
  await slept;
  expect(clock.sleepers.size).toBe(0);
});
