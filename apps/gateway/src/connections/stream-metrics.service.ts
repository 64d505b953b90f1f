import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';

/** How often connections are asked for, and why they end. */
@Injectable()
export class StreamMetrics {
  private readonly opens;
  private readonly ends;

  constructor(metrics: Metrics) {
    this.opens = metrics.counter('gateway_opens_total', 'Attempts to connect by result', [
      'result',
    ]);
    this.ends = metrics.counter(
      'gateway_reconnects_total',
      'Connections that ended and are opened anew, by reason',
      ['reason'],
    );
  }

  /** @param result `connected`, or the code of the fault */
  opened(result: string): void {
    this.opens.inc({ result });
  }

  /** @param reason `announced`, or the code of the fault */
  ended(reason: string): void {
    this.ends.inc({ reason });
  }
}
