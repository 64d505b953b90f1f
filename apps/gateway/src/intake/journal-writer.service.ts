import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';
import { isPassingFailure, sqlStateOf } from '@common/persistence';

import { type ChannelEntry, type Journaled, JournalRepository } from './journal.repository';

/** What became of one row: in the journal, quarantined (null), or not known to be anywhere (rejected). */
export type Written = PromiseSettledResult<Journaled | null>;

/** Writes a batch; a failed one is repeated row by row, so that a poisonous row is quarantined alone (P10). */
@Injectable()
export class JournalWriter {
  constructor(
    private readonly rows: JournalRepository,
    private readonly logger: Logger,
  ) {}

  /** One result per row, in their order. Never rejects. Writing rows twice does no harm. */
  async write(batch: readonly ChannelEntry[]): Promise<Written[]> {
    try {
      const journaled = await this.rows.insert(batch);
      return batch.map(({ entry }) => written(journaled.get(entry.id) ?? null));
    } catch (error) {
      return isPassingFailure(error)
        ? batch.map(() => ({ status: 'rejected', reason: error }))
        : this.writeOneByOne(batch);
    }
  }

  /** When the database goes away meanwhile, it is not asked for each row, nor does a later one of a thread get in (P3). */
  private async writeOneByOne(batch: readonly ChannelEntry[]): Promise<Written[]> {
    const results: Written[] = [];
    let away: PromiseRejectedResult | undefined;
    for (const row of batch) {
      const [result] = away ? [away] : await Promise.allSettled([this.writeOne(row)]);
      if (result.status === 'rejected' && isPassingFailure(result.reason)) away = result;
      results.push(result);
    }
    return results;
  }

  private async writeOne(row: ChannelEntry): Promise<Journaled | null> {
    try {
      return (await this.rows.insert([row])).get(row.entry.id) ?? null;
    } catch (error) {
      if (isPassingFailure(error)) throw error;
      await this.setAside(row, error);
      return null;
    }
  }

  private async setAside(row: ChannelEntry, error: unknown): Promise<void> {
    const cause = `sqlstate ${sqlStateOf(error) ?? 'none'}`;
    const { channelId, entry } = row;
    this.logger.error('event quarantined', { eventId: entry.id, channelId, cause, error });
    await this.rows.quarantine(row, cause);
  }
}

const written = (value: Journaled | null): Written => ({ status: 'fulfilled', value });
