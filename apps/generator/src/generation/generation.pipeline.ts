import { Injectable } from '@nestjs/common';

import { type GenerationJob, generationQueue, type JobProducer } from '@common/contracts';
import { Clock, fullJitterMs } from '@common/kernel';
import { Logger } from '@common/logging';
import { whileAway } from '@common/persistence';
import { InjectProducer } from '@common/queue';

import { Interruption, TurnsInHand } from '../cancelling/turns-in-hand';
import { PermitDesk } from '../permits/permit-desk.service';
import { ReplyFlusher } from '../streaming/reply-flusher.service';
import { Suspension } from '../tools/suspension';
import { Answering } from './answering.service';
import type { ClaimedTurn } from './claimed-turn';
import { TurnRepository } from './turn.repository';

/** Answers that broke off in the middle before the person is told. */
const MAX_BREAKS = 2;

/**
 * Answers one turn: claim → run the agent, streaming its words → commit how it ended. A turn that gets no permit keeps its
 * place in Postgres, and this slot is free again; the permit desk wakes it.
 *
 * Running it twice does no harm: only one living process holds the claim, and the commit names attempt and owner. A second
 * job of the same turn finds it claimed or ended and does nothing.
 */
@Injectable()
export class GenerationPipeline {
  constructor(
    private readonly turns: TurnRepository,
    private readonly answering: Answering,
    private readonly inHand: TurnsInHand,
    private readonly flusher: ReplyFlusher,
    private readonly permits: PermitDesk,
    @InjectProducer(generationQueue) private readonly generation: JobProducer<GenerationJob>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async run(job: GenerationJob): Promise<void> {
    if (this.inHand.has(job.turnId)) return;
    const signal = this.inHand.take(job.turnId);
    try {
      const turn = await this.turns.claim(job.tenantId, job.turnId);
      if (!turn) return;
      this.inHand.confirm(turn.id);
      await this.finish(turn, job, signal);
    } finally {
      this.inHand.put(job.turnId);
    }
  }

  private async finish(
    claimed: ClaimedTurn,
    job: GenerationJob,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const startedAt = this.clock.now();
      const { turn, ending } = await this.answer(claimed, signal);
      if (ending instanceof Suspension) return await this.suspend(turn, ending, signal);
      // The model was paid for this answer: it waits for Postgres rather than being thrown away.
      const { isOurs, wantedPools } = await whileAway(this.clock, signal, () =>
        this.turns.commit(turn, ending),
      );
      this.permits.freed(turn.tenantId, wantedPools);
      this.flusher.tell({ turnId: turn.id, attempt: turn.attempt, kind: 'end' });
      this.logger.info(isOurs ? 'turn generated' : 'turn was taken over', {
        turnId: turn.id,
        attempt: turn.attempt,
        durationMs: this.clock.now() - startedAt,
        code: ending.error?.code ?? ending.outcome,
      });
    } catch (error) {
      if (!(error instanceof Interruption)) return this.letGo(claimed, error);
      if (error.reason === 'shutdown') await this.giveBack(claimed, job);
    }
  }

  /** An answer that breaks off in the middle begins anew as the next attempt: what was shown stays until it is surpassed. */
  private async answer(claimed: ClaimedTurn, signal: AbortSignal) {
    for (let turn = claimed, breaks = 0; ; breaks += 1) {
      const ending = await this.answering.answer(turn, signal, breaks).catch(suspended);
      if (ending instanceof Suspension) return { turn, ending };
      if (!ending.isBroken || breaks >= MAX_BREAKS) return { turn, ending };
      const next = await whileAway(this.clock, signal, () => this.turns.restart(turn, ending));
      if (!next) throw new Interruption('lost');
      turn = next;
      await this.clock.sleep(fullJitterMs(breaks, { baseMs: 500, capMs: 2_000 }), signal);
    }
  }

  /** A person has to agree first: until then nothing is held for the turn. */
  private async suspend(turn: ClaimedTurn, wait: Suspension, signal: AbortSignal): Promise<void> {
    const { isOurs, wantedPools } = await whileAway(this.clock, signal, () =>
      this.turns.suspend(turn, wait),
    );
    this.permits.freed(turn.tenantId, wantedPools);
    // The sender looks at the row, which says what is asked.
    this.flusher.tell({ turnId: turn.id, attempt: turn.attempt, kind: 'end' });
    this.logger.info(isOurs ? 'turn waits for a person' : 'turn was taken over', {
      turnId: turn.id,
      attempt: turn.attempt,
    });
  }

  /** A living owner without a job would hold the turn for ever: it goes back, and queue or sweeper begin again. */
  private async letGo(turn: ClaimedTurn, error: unknown): Promise<never> {
    await whileAway(this.clock, new AbortController().signal, () => this.turns.release(turn));
    throw error;
  }

  private async giveBack(turn: ClaimedTurn, job: GenerationJob): Promise<void> {
    const released = await this.turns.release(turn);
    if (released) {
      this.permits.freed(turn.tenantId, released.wantedPools);
      await this.generation.enqueue({ ...job, wake: released.wake });
    }
    this.logger.info('turn given back', { turnId: turn.id, attempt: turn.attempt });
  }
}

/** That a turn waits for a person is a way to end an attempt. */
function suspended(error: unknown): Suspension {
  if (error instanceof Suspension) return error;
  throw error;
}
