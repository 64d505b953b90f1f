import { Injectable } from '@nestjs/common';

import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';

import { CardDebtRepository } from './card-debt.repository';
import { CardShow } from './card-show.service';

const LOOK_EVERY_MS = 5_000;
const BATCH = 10;

/** Closes cards whose answer went out as text with "answer below", never with the answer. No card keeps spinning (P4). */
@Injectable()
export class CardDebtReaper {
  private readonly rounds: Periodic;

  constructor(
    private readonly debts: CardDebtRepository,
    private readonly cards: CardShow,
    clock: Clock,
    logger: Logger,
  ) {
    this.rounds = new Periodic((signal) => this.look(signal), {
      everyMs: LOOK_EVERY_MS,
      clock,
      onError: (error) => logger.warn('card debts not looked at', { error }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async look(signal: AbortSignal): Promise<void> {
    for (const debt of await this.debts.take(BATCH, signal))
      if (await this.cards.payDebt(debt, { mayBeAbsent: debt.tries > 1 }))
        await this.debts.paid(debt);
  }
}
