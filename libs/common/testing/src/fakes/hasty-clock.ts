import { Clock } from '@common/kernel';

/** A clock for which every wait is over at once; how long they were is kept. */
export class HastyClock extends Clock {
  readonly slept: number[] = [];
  private nowMs = Date.UTC(2025, 0, 1);

  now(): number {
    return this.nowMs;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.nowMs += ms;
    return Promise.resolve();
  }
}
