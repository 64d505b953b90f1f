import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';

import { BudgetLane } from './budget-lane';
import { LateCalls } from './late-calls';
import { RedisSlots } from './redis-slots.service';
import { type Bucket, type BudgetRequest, type Grant, SendBudget } from './send-budget.port';

/** A necessary call that waited longer says that the budget is tight, and for how long. */
const LONG_WAIT_MS = 400;
const TIGHT_MS = 5_000;

/** DingTalk's budget: a lane per app and path in this process, time slots from Redis for all processes (design §7). */
@Injectable()
export class SharedSendBudget extends SendBudget {
  private readonly tightUntil = new Map<string, number>();
  private readonly lanes = new Map<string, BudgetLane>();
  private readonly late: LateCalls;

  constructor(
    private readonly slots: RedisSlots,
    private readonly clock: Clock,
  ) {
    super();
    this.late = new LateCalls(clock);
  }

  async turn(request: BudgetRequest, signal: AbortSignal): Promise<Grant | null> {
    const { clientId } = request.bucket;
    const key = keyOf(request.bucket);
    const startedAtMs = this.clock.now();
    const lane = this.lanes.get(key) ?? new BudgetLane(request.bucket, this.slots, this.clock);
    this.lanes.set(key, lane);
    try {
      return await lane.turn(request, signal);
    } finally {
      if (request.purpose !== 'frame' && this.clock.now() - startedAtMs > LONG_WAIT_MS)
        this.tighten(clientId);
      // Apps come and go: a lane lives as long as somebody waits in it.
      if (lane.isIdle && this.lanes.get(key) === lane) this.lanes.delete(key);
    }
  }

  leaves(bucket: Bucket, grant: Grant): void {
    if (grant.takenAtUs === 0) return;
    const byMs = this.late.moveFor(keyOf(bucket), this.clock.now() - grant.dueAtMs);
    if (byMs > 0) void this.slots.move(bucket, byMs);
  }

  isTight(clientId: string): boolean {
    return (this.tightUntil.get(clientId) ?? 0) > this.clock.now();
  }

  tooFast(bucket: Bucket, grant: Grant, pauseMs: number): Promise<void> {
    this.tighten(bucket.clientId);
    return this.slots.slowDown(bucket, grant, pauseMs);
  }

  private tighten(clientId: string): void {
    const now = this.clock.now();
    for (const [id, until] of this.tightUntil) if (until <= now) this.tightUntil.delete(id);
    this.tightUntil.set(clientId, now + TIGHT_MS);
  }
}

const keyOf = ({ clientId, path, callsPerSecond }: Bucket): string =>
  `${clientId} ${path} ${callsPerSecond}`;
