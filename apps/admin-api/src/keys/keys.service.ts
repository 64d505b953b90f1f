import { Injectable } from '@nestjs/common';

import { Clock, Periodic, SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database, type KeyReport, Resealer, SEALED_COLUMNS } from '@common/persistence';

import { iso, isoOrNull } from '../http/wire';
import type { MasterKeysView } from './keys.dto';

const EVERY_MS = 5_000;

/** Master keys: which are needed still, and the sealing anew that makes the old ones needless. */
@Injectable()
export class KeysService {
  private readonly resealer: Resealer;
  private readonly rounds: Periodic;

  constructor(
    database: Database,
    private readonly box: SecretBox,
    clock: Clock,
    logger: Logger,
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
    return this.resealer.run(signal);
  }

  async view(): Promise<MasterKeysView> {
    const report = await this.resealer.report();
    return {
      primary: this.box.primaryKeyId,
      keys: report.keys.map(({ id, values, firstUsedAt, retiredAt }) => ({
        ...{ id, values, held: this.box.keyIds.includes(id) },
        firstUsedAt: iso(firstUsedAt),
        retiredAt: isoOrNull(retiredAt),
      })),
      resealing: {
        state: stateOf(report),
        waitingFor: report.waitingFor,
        tables: report.walks.map(({ target: name, isFinished: done, ...walk }) => ({
          ...{ name, done, ...walk },
        })),
      },
    };
  }
}

function stateOf({ walks, waitingFor }: KeyReport): MasterKeysView['resealing']['state'] {
  const isDone = walks.filter(({ isFinished }) => isFinished).length === SEALED_COLUMNS.length;
  if (isDone) return 'done';
  return waitingFor > 0 ? 'waiting' : 'running';
}
