import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';
import { type Allowance, type Allowances, forecastOf, presentationOf } from '@common/domain';
import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';

import { type UsedAllowance, UsageRepository } from './usage.repository';

const LOOK_EVERY_MS = 15_000;
/** Parts of an allowance, in percent, that administrators are told of. */
const TOLD_AT = [100, 95, 80] as const;

/** Adds what came in to what went out, and tells administrators when an allowance runs out. */
@Injectable()
export class AllowanceWatch {
  private readonly rounds: Periodic;
  private readonly told: { inc(labels: { percent: string }): void };

  constructor(
    private readonly usages: UsageRepository,
    clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.told = metrics.counter('allowance_told_total', 'Allowances that ran low', ['percent']);
    this.rounds = new Periodic(() => this.look(), {
      everyMs: LOOK_EVERY_MS,
      clock,
      onError: (error) => logger.warn('allowances not looked at', { error }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** One round, by whichever sender comes first. */
  async look(): Promise<void> {
    for (const used of await this.usages.takeInbound()) await this.tell(used);
  }

  private async tell(used: UsedAllowance): Promise<void> {
    const { allowances, told, organizationId } = used;
    const part = Math.max(partOf(allowances.apiCalls), partOf(allowances.messages));
    const percent = TOLD_AT.find((one) => part >= one);
    if (percent === undefined || percent <= told || !(await this.usages.tell(used, percent)))
      return;
    this.told.inc({ percent: String(percent) });
    this.logger.warn('allowance runs low', { organizationId, percent, ...figuresOf(allowances) });
    await this.usages.notice(used, {
      code: percent === 100 ? 'quota_exhausted' : 'allowance_low',
      message: messageOf(percent, allowances),
      userAction:
        'Buy a larger edition and say so in the organization, or choose a thriftier pace.',
    });
  }
}

const partOf = ({ limit, used }: Allowance): number =>
  limit === 0 ? 100 : Math.floor((used / limit) * 100);

const figuresOf = (allowances: Allowances): Record<string, unknown> => ({
  apiCalls: `${allowances.apiCalls.used}/${allowances.apiCalls.limit}`,
  messages: `${allowances.messages.used}/${allowances.messages.limit}`,
});

function messageOf(percent: number, allowances: Allowances): string {
  const { apiCalls, messages } = allowances;
  const { pace } = presentationOf(allowances, 'smooth');
  return [
    `${percent} % of a monthly allowance is used: ${apiCalls.used} of ${apiCalls.limit} API calls, ${messages.used} of`,
    `${messages.limit} messages. At this rate the month ends with ${forecastOf(apiCalls.used, allowances)} calls and`,
    `${forecastOf(messages.used, allowances)} messages. Answers are shown at most ${pace ?? 'as text'}.`,
  ].join(' ');
}
