import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';

import { BudgetLane } from './budget-lane';
import { RedisSlots } from './redis-slots.service';
import { type Bucket, type BudgetRequest, type Grant, SendBudget } from './send-budget.port';

/** DingTalk's budget: a lane per app and path in this process, time slots from Redis for all processes (design §7). */
@Injectable()
export class SharedSendBudget extends SendBudget {
  private readonly lanes = new Map<string, BudgetLane>();

  constructor(
    private readonly slots: RedisSlots,
    private readonly clock: Clock,
  ) {
    super();
  }

  async turn(request: BudgetRequest, signal: AbortSignal): Promise<Grant | null> {
    const { clientId, path, callsPerSecond } = request.bucket;
    const key = `${clientId} ${path} ${callsPerSecond}`;
    const lane = this.lanes.get(key) ?? new BudgetLane(request.bucket, this.slots, this.clock);
    this.lanes.set(key, lane);
    try {
      return await lane.turn(request, signal);
    } finally {
      // Apps come and go: a lane lives as long as somebody waits in it.
      if (lane.isIdle && this.lanes.get(key) === lane) this.lanes.delete(key);
    }
  }

  tooFast(bucket: Bucket, grant: Grant, pauseMs: number): Promise<void> {
    return this.slots.slowDown(bucket, grant, pauseMs);
  }
}
