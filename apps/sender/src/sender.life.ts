import { Injectable } from '@nestjs/common';

import { Metrics, ServiceLife } from '@common/bootstrap';
import { DingTalkClient } from '@common/dingtalk';
import { Logger } from '@common/logging';
import { QueueFactory, QueueWorkers } from '@common/queue';

import { AllowanceWatch } from './allowance/allowance-watch.service';
import { UsageLedger } from './allowance/usage-ledger.service';
import { CardDebtReaper } from './card/card-debt-reaper.service';
import { DeliveriesInHand } from './delivery/deliveries-in-hand';
import { DeliveryConsumer } from './delivery/delivery.consumer';
import { StrayWatch } from './delivery/stray-watch.service';
import { TurnWatch } from './following/turn-watch.service';
import { OutboundConsumer } from './notices/outbound.consumer';
import { QueuePlaces } from './queueing/queue-places.service';
import { Reactions } from './reaction/reactions.service';
import { EgressGate } from './platform/egress-gate.service';

/** Shows answers until told to stop; then hands over what it has in hand at once. */
@Injectable()
export class SenderLife extends ServiceLife {
  private readonly workers: QueueWorkers;

  constructor(
    deliveries: DeliveryConsumer,
    notices: OutboundConsumer,
    factory: QueueFactory,
    private readonly watch: TurnWatch,
    private readonly reaper: CardDebtReaper,
    private readonly inHand: DeliveriesInHand,
    private readonly strays: StrayWatch,
    private readonly places: QueuePlaces,
    private readonly reactions: Reactions,
    private readonly gate: EgressGate,
    private readonly ledger: UsageLedger,
    private readonly allowances: AllowanceWatch,
    private readonly platform: DingTalkClient,
    logger: Logger,
    metrics: Metrics,
  ) {
    super();
    const consumers = [deliveries, notices] as const;
    QueueWorkers.check('sender', consumers);
    this.workers = new QueueWorkers(factory, consumers, logger, metrics.jobObserver());
  }

  async start(): Promise<void> {
    await this.gate.start();
    this.ledger.start();
    this.allowances.start();
    this.watch.start();
    this.workers.start();
    this.reaper.start();
    this.strays.start();
    this.places.start();
  }

  async stopIntake(): Promise<void> {
    await this.workers.pause();
    await this.reaper.stop();
    await this.strays.stop();
    await this.allowances.stop();
    await this.places.stop();
  }

  async finish(deadlineMs: number): Promise<void> {
    this.inHand.handOverAll();
    await this.workers.close(deadlineMs);
    await this.reactions.stop();
    this.watch.stop();
    await this.gate.stop();
    await this.ledger.stop();
    await this.platform.close();
  }
}
