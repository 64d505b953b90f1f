import { ManualClock, RecordingLogger, standIn } from '@common/testing';

import type { AckTimesRepository } from './ack-times.repository';
import { AckTimes } from './ack-times.service';

function someTimes(write = () => Promise.resolve()) {
  const written: [string, number][][] = [];
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const rows = standIn<AckTimesRepository>({
    write: (times) => {
      written.push([...times]);
      return write();
    },
  });
  return { times: new AckTimes(rows, clock, logger), written, clock, logger };
}

describe('AckTimes', () => {
  it('writes all times of two seconds at once, the first of each event', async () => {
    const { times, written, clock } = someTimes();
    times.start();
    times.note('a', 1);
    times.note('b', 2);
    times.note('a', 3);
    await clock.pass(4_500);
    await times.stop();
    expect(written).toEqual([
      [
        ['a', 1],
        ['b', 2],
      ],
    ]);
  });

  it('late: loses what cannot be written, and goes on', async () => {
    const { times, written, clock, logger } = someTimes(() => Promise.reject(new Error('away')));
    times.start();
    times.note('a', 1);
    await clock.pass(2_500);
    times.note('b', 2);
    await clock.pass(2_500);
    await times.stop();
    expect(written).toEqual([[['a', 1]], [['b', 2]]]);
    expect(logger.messages).toContain('times of acknowledgement lost');
  });
});
