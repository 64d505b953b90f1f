import { Injectable } from '@nestjs/common';

import { Clock, Periodic, SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database, type KeyReport, Resealer, SEALED_COLUMNS } from '@common/persistence';

import { iso, isoOrNull } from '../http/wire';
import type { MasterKeysView } from './keys.dto';
import { WaitingEvents } from './waiting-events';

const EVERY_MS = 5_000;

/** Master keys: which are needed still, and the sealing anew that makes the old ones needless. */
@Injectable()
export class KeysService {
  private readonly resealer: Resealer;
  private readonly rounds: Periodic;

  constructor(
    database: Database,
    private readonly box: SecretBox,
    private readonly events: WaitingEvents,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    this.resealer = new Resealer(database, box);
    const onError = (error: unknown) => logger.warn('sealing anew failed', { error });
    this.rounds = new Periodic((signal) => this.run(signal), { everyMs: EVERY_MS, clock, onError });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.resealer.run(signal, () => this.hasNothingOlderInRedis());
  }

  private async hasNothingOlderInRedis(): Promise<boolean> {
    const waiting = await this.waitingInRedis();
    return waiting !== null && [...waiting.keys()].every((id) => id === this.box.primaryKeyId);
  }

  /** Null when Redis is away, or has too much to look at. */
  private waitingInRedis(): Promise<ReadonlyMap<string, number> | null> {
    return this.events.byKey().catch((error: unknown) => {
      this.logger.debug('waiting events not counted', { error });
      return null;
    });
  }

  async view(): Promise<MasterKeysView> {
    const [report, waiting] = await Promise.all([this.resealer.report(), this.waitingInRedis()]);
    return {
      primary: this.box.primaryKeyId,
      seals: this.box.sealingKeyId,
      keys: report.keys.map(({ id, values, firstUsedAt, retiredAt }) => {
        const inRedis = waiting?.get(id) ?? 0;
        return {
          ...{ id, held: this.box.keyIds.includes(id) },
          values: values === null || waiting === null ? null : values + inRedis,
          firstUsedAt: iso(firstUsedAt),
          retiredAt: isoOrNull(inRedis > 0 ? null : retiredAt),
        };
      }),
      resealing: {
        state: stateOf(report),
        waitingFor: report.waitingFor.length,
        processes: report.waitingFor.map((one) => ({ ...one, lacks: [...one.lacks] })),
        tables: report.walks.map(({ target: name, isFinished: done, ...walk }) => ({
          ...{ name, done, ...walk },
        })),
      },
    };
  }
}

function stateOf({ walks, waitingFor }: KeyReport): MasterKeysView['resealing']['state'] {
  if (waitingFor.length > 0) return 'waiting';
  const isDone = walks.filter(({ isFinished }) => isFinished).length === SEALED_COLUMNS.length;
  return isDone ? 'done' : 'running';
}
