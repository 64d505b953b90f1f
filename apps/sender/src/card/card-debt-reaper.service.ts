import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import { CardDebtRepository } from './card-debt.repository';
import { CardShow } from './card-show.service';

const LOOK_EVERY_MS = 5_000;
const BATCH = 10;

/** Closes cards whose answer went out as text with "answer below", never with the answer. No card keeps spinning (P4). */
@Injectable()
export class CardDebtReaper {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly debts: CardDebtRepository,
    private readonly cards: CardShow,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.clock.sleep(LOOK_EVERY_MS, this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      try {
        for (const debt of await this.debts.take(BATCH, this.stopping.signal))
          if (await this.cards.payDebt(debt)) await this.debts.paid(debt);
      } catch (error) {
        this.logger.warn('card debts not looked at', { error });
      }
    }
  }
}
