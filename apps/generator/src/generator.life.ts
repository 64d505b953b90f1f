import { Injectable } from '@nestjs/common';

import { Metrics, ServiceLife } from '@common/bootstrap';
import { ObjectStore } from '@common/files';
import { Logger } from '@common/logging';
import { QueueFactory, QueueWorkers } from '@common/queue';

import { CancelWatch } from './cancelling/cancel-watch.service';
import { TurnsInHand } from './cancelling/turns-in-hand';
import { Summaries } from './context/summaries.service';
import { GenerationConsumer } from './generation/generation.consumer';
import { McpServers } from './tools/mcp-servers.service';
import { PermitDesk } from './permits/permit-desk.service';

/** For giving turns back after the deadline. */
const GIVE_BACK_MS = 2_000;

/** Answers until told to stop; then finishes what runs until the deadline and gives the rest back. */
@Injectable()
export class GeneratorLife extends ServiceLife {
  private readonly workers: QueueWorkers;

  constructor(
    consumer: GenerationConsumer,
    factory: QueueFactory,
    private readonly watch: CancelWatch,
    private readonly inHand: TurnsInHand,
    private readonly permits: PermitDesk,
    private readonly tools: McpServers,
    private readonly summaries: Summaries,
    private readonly store: ObjectStore,
    logger: Logger,
    metrics: Metrics,
  ) {
    super();
    QueueWorkers.check('generator', [consumer]);
    this.workers = new QueueWorkers(factory, [consumer], logger, metrics.jobObserver());
  }

  async start(): Promise<void> {
    await this.permits.start();
    this.watch.start();
    this.workers.start();
  }

  async stopIntake(): Promise<void> {
    await this.workers.pause();
  }

  async finish(deadlineMs: number): Promise<void> {
    const timer = setTimeout(
      () => this.inHand.interruptAll('shutdown'),
      Math.max(0, deadlineMs - GIVE_BACK_MS),
    );
    await this.workers.close(deadlineMs);
    clearTimeout(timer);
    await Promise.all([
      this.watch.stop(),
      this.permits.stop(),
      this.tools.close(),
      this.summaries.stop(),
    ]);
    await this.store.close();
  }
}
