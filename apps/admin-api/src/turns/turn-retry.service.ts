import { Injectable } from '@nestjs/common';

import { correlation, derivedId, newId } from '@common/kernel';
import { Logger } from '@common/logging';
import { reaskTurn, type Tx, type Work } from '@common/persistence';
import { WorkProducer } from '@common/queue';

import type { Caller } from '../auth/caller.decorator';
import { type Change, ChangeLog, type WriteOptions } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { QueueDesk } from '../queues/queue-desk.service';
import { TurnRetryRepository } from './turn-retry.repository';
import { viewOfTurn } from './turn-view';
import type { TurnView } from './turns.dto';
import { type TurnRow, TurnsRepository } from './turns.repository';

/**
 * Drives a turn again. Terminal states are final (design §2): a question that failed becomes a new turn, an answer that
 * did not arrive a new delivery of the same text. Asked twice while the first is under way, it is the same retry.
 */
@Injectable()
export class TurnRetry {
  constructor(
    private readonly turns: TurnsRepository,
    private readonly retries: TurnRetryRepository,
    private readonly changes: ChangeLog,
    private readonly jobs: QueueDesk,
    private readonly logger: Logger,
  ) {}

  async retry(
    caller: Caller,
    id: string,
    options: Omit<WriteOptions, 'action'> = {},
  ): Promise<TurnView> {
    const { tenantId } = caller;
    let wakings: Work[] = [];
    const result = await this.changes.write(
      caller,
      { ...options, action: 'turn.retry' },
      async (tx) => {
        const turn = await this.turns.lock(tx, tenantId, id);
        if (!turn) throw new NotFoundError('turn');
        if (turn.ended_at === null)
          throw new ConflictError('turn_not_ended', 'The turn is still under way.');
        const again = await this.driveAgain(tx, tenantId, turn);
        wakings = again.wakings;
        return this.changeOf(tx, tenantId, turn, again.turnId);
      },
    );
    for (const waking of wakings) await this.wake(tenantId, waking);
    return result;
  }

  private driveAgain(
    tx: Tx,
    tenantId: string,
    turn: TurnRow,
  ): Promise<{ turnId: string; wakings: Work[] }> {
    if (turn.erased_at !== null)
      throw new ConflictError('turn_not_retryable', 'What was asked and answered is erased.');
    if (turn.outcome !== 'answered') return this.askAgain(tx, tenantId, turn);
    if (turn.delivery_state === 'open') return Promise.resolve({ turnId: turn.id, wakings: [] });
    if (turn.delivery_state === 'undelivered') return this.deliverAgain(tx, tenantId, turn);
    throw new ConflictError('turn_not_retryable', 'The turn was answered and delivered.');
  }

  private async askAgain(
    tx: Tx,
    tenantId: string,
    turn: TurnRow,
  ): Promise<{ turnId: string; wakings: Work[] }> {
    const { turnId, work } = await reaskTurn(tx, tenantId, turn.id);
    return { turnId, wakings: [work] };
  }

  private async deliverAgain(
    tx: Tx,
    tenantId: string,
    turn: TurnRow,
  ): Promise<{ turnId: string; wakings: Work[] }> {
    const n = await this.retries.deliveries(tx, tenantId, turn.id);
    const id = derivedId(turn.id, 'delivery', 'retry', String(n));
    await this.retries.copyDelivery(tx, tenantId, turn.id, id);
    return { turnId: turn.id, wakings: [{ delivery: { id, wake: 0 } }] };
  }

  private async changeOf(
    tx: Tx,
    tenantId: string,
    before: TurnRow,
    turnId: string,
  ): Promise<Change<TurnView>> {
    const row = await this.turns.find(tenantId, turnId, tx);
    if (!row) throw new NotFoundError('turn');
    const result = viewOfTurn(row);
    return { result, resourceId: before.id, before: viewOfTurn(before), after: result };
  }

  /** After commit. If we die here, or Redis is away, the sweeper wakes the rows. */
  private wake(tenantId: string, waking: Work): Promise<void> {
    const correlationId = correlation.getStore()?.correlationId ?? newId();
    const work = new WorkProducer(this.jobs.generation, this.jobs.delivery, this.logger);
    return work.enqueue({ tenantId, correlationId }, waking);
  }
}
