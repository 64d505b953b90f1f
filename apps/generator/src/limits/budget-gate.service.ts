import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';

import type { ClaimedTurn } from '../generation/claimed-turn';
import { BudgetsRepository } from './budgets.repository';

/** `stop`: a hard limit is reached. `warn`: the person's soft limit is, in percent of the hard one (or of itself). */
export type Verdict =
  | { readonly kind: 'go' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'warn'; readonly percent: number };

/** Says whether a turn may still be paid for. */
@Injectable()
export class BudgetGate {
  constructor(
    private readonly budgets: BudgetsRepository,
    private readonly logger: Logger,
  ) {}

  /** @throws DatabaseUnavailableError */
  async judge(turn: ClaimedTurn): Promise<Verdict> {
    if (!turn.hasBudgets) return { kind: 'go' };
    const states = await this.budgets.concerning(turn);
    if (states.some(({ hard, used }) => hard !== null && used >= hard)) return { kind: 'stop' };
    const reached = states.filter(({ soft, used }) => soft !== null && used >= soft);
    for (const { scope } of reached.filter((one) => one.scope !== 'member'))
      await this.tellAdministrators(turn, scope);
    const own = reached.find(({ scope }) => scope === 'member');
    if (!own) return { kind: 'go' };
    const percent = Math.floor((100 * own.used) / (own.hard ?? own.soft ?? own.used));
    return { kind: 'warn', percent };
  }

  /** A notice that is not written stops no answer. */
  private async tellAdministrators(turn: ClaimedTurn, scope: string): Promise<void> {
    try {
      await this.budgets.notify(turn, scope);
    } catch (error) {
      this.logger.debug('budget notice not written', { error });
    }
  }
}
