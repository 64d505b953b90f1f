import { Injectable } from '@nestjs/common';
import type { Counter, Gauge } from 'prom-client';

import { Metrics } from '@common/bootstrap';

import type { CloseReason } from './decide-ownership';
import type { ClaimReason } from './lease';

/** What operators see of channels that change hands. */
@Injectable()
export class OwnershipMetrics {
  private readonly changes: Counter;
  private readonly held: Gauge;
  private readonly members: Gauge;

  constructor(metrics: Metrics) {
    this.changes = metrics.counter(
      'gateway_lease_changes_total',
      'Channels that came to this gateway or left it, by reason',
      ['reason'],
    );
    this.held = metrics.gauge('gateway_channels_held', 'Channels whose lease this gateway has');
    this.members = metrics.gauge('gateway_members', 'Live gateways that this one knows of');
  }

  changed(reason: ClaimReason | CloseReason): void {
    this.changes.inc({ reason });
  }

  saw(standing: { readonly held: number; readonly members: number }): void {
    this.held.set(standing.held);
    this.members.set(standing.members);
  }
}
