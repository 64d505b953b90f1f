import type Redis from 'ioredis';

import { RedisKeys } from '@common/redis';
import { ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import type { SenderConfig } from '../sender.config';
import { EgressGate } from './egress-gate.service';
import type { EgressStopRepository } from './egress-stop.repository';

const never = new AbortController().signal;

/** One Redis for several gates: only what they ask of it. */
class FakeRedis {
  readonly counts = new Map<string, number>();
  stopMs = -2;
  isAway = false;

  set(): Promise<string> {
    this.stopMs = 300_000;
    return this.isAway ? Promise.reject(new Error('gone')) : Promise.resolve('OK');
  }

  pipeline() {
    const results: [Error | null, unknown][] = [];
    const pipe = {
      pttl: () => (results.push([null, this.stopMs]), pipe),
      incrby: (key: string, by: number) => {
        if (!this.isAway) this.counts.set(key, (this.counts.get(key) ?? 0) + by);
        results.push([null, 1]);
        return pipe;
      },
      pexpire: () => (results.push([null, 1]), pipe),
      mget: (...keys: string[]) => {
        results.push([null, keys.map((key) => this.counts.get(key) ?? null)]);
        return pipe;
      },
      exec: () => (this.isAway ? Promise.reject(new Error('gone')) : Promise.resolve(results)),
    };
    return pipe;
  }
}

function aGate(redis: FakeRedis, clock = new ManualClock(1_000_000), leftMs = 0) {
  const written: number[] = [];
  const logger = new RecordingLogger();
  const gate = new EgressGate(
    standIn<SenderConfig>({ SENDER_EGRESS: 'e1' }),
    redis as unknown as Redis,
    new RedisKeys('spec'),
    standIn<EgressStopRepository>({
      leftMs: () => Promise.resolve(leftMs),
      write: (_egress, ms) => Promise.resolve(void written.push(ms)),
    }),
    clock,
    logger,
  );
  return { gate, clock, written, logger };
}

describe('EgressGate', () => {
  it('C67 stops every call for five minutes after a ban, and keeps that in Postgres', async () => {
    const { gate, clock, written } = aGate(new FakeRedis());
    await gate.pass(never);
    await gate.ban();
    await expect(gate.pass(never)).rejects.toMatchObject({
      code: 'egress_stopped',
      retry: { afterMs: 300_000 },
    });
    expect(written).toEqual([300_000]);
    await clock.pass(300_000);
    await gate.pass(never);
  });

  it('C67 tells the other senders of the same address within a second', async () => {
    const redis = new FakeRedis();
    const clock = new ManualClock(1_000_000);
    const [one, two] = [aGate(redis, clock), aGate(redis, clock)];
    await two.gate.start();
    await one.gate.ban();
    await clock.pass(1_000);
    await expect(two.gate.pass(never)).rejects.toMatchObject({ code: 'egress_stopped' });
    await two.gate.stop();
  });

  it('P5 knows of a ban from Postgres when Redis was wiped', async () => {
    const { gate } = aGate(new FakeRedis(), undefined, 120_000);
    await gate.start();
    expect(gate.stoppedForMs).toBe(120_000);
    await gate.stop();
  });

  it('P7 counts all senders of an address together, and waits below what the platform bans', async () => {
    const redis = new FakeRedis();
    const clock = new ManualClock(1_000_000);
    const [one, two] = [aGate(redis, clock), aGate(redis, clock)];
    await one.gate.start();
    await two.gate.start();
    for (let n = 0; n < 4_500; n += 1)
      await Promise.all([one.gate.pass(never), two.gate.pass(never)]);
    await clock.pass(2_000);

    let hasPassed = false;
    void one.gate.pass(never).then(() => (hasPassed = true));
    await settled();
    expect(hasPassed).toBe(false);
    expect(one.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);

    await clock.pass(26_000);
    expect(hasPassed).toBe(true);
    await Promise.all([one.gate.stop(), two.gate.stop()]);
  });

  it('goes on counting by itself while Redis is away', async () => {
    const redis = new FakeRedis();
    const { gate, clock } = aGate(redis);
    await gate.start();
    redis.isAway = true;
    await gate.pass(never);
    await clock.pass(3_000);
    redis.isAway = false;
    await clock.pass(1_000);
    expect([...redis.counts.values()]).toEqual([1]);
    await gate.stop();
  });
});
