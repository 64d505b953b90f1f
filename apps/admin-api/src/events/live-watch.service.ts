import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';
import { Database, type Tx } from '@common/persistence';

import { ChannelStatusesRepository } from '../channels/channel-statuses.repository';
import { statusOfChannel } from '../channels/status-of-channel';
import { QueueDesk } from '../queues/queue-desk.service';
import type { QueueView } from '../queues/queues.dto';
import { LiveWatchRepository } from './live-watch.repository';

/** Rounds between two looks at what is too old. */
const FORGET_EVERY = 60;

/**
 * Finds out what happened and writes it into the log: by looking, once a second, only while somebody listens, in one process at
 * a time. Nobody who answers questions does anything for it.
 */
@Injectable()
export class LiveWatch {
  private rounds = 0;

  constructor(
    private readonly database: Database,
    private readonly rows: LiveWatchRepository,
    private readonly statuses: ChannelStatusesRepository,
    private readonly desk: QueueDesk,
    private readonly logger: Logger,
  ) {}

  async look(): Promise<void> {
    // Redis comes before the transaction: nothing is held across the network.
    const queues = await this.queues();
    await this.database.acrossTenants('reconcile', async (tx) => {
      const watch = await this.rows.begin(tx);
      if (!watch) return;
      if (watch.was_idle) await this.rows.noteGap(tx);
      await this.rows.sayTurns(tx);
      await this.sayChannels(tx);
      const said = await this.sayQueues(tx, watch.queues, queues);
      if (this.rounds++ % FORGET_EVERY === 0) await this.rows.forgetOld(tx);
      await this.rows.end(tx, said);
    });
  }

  private async sayChannels(tx: Tx): Promise<void> {
    const wanted = { tenantId: null, channelIds: null, withLast: false };
    const facts = await this.statuses.facts(tx, wanted);
    const known = await this.rows.saidOfChannels(tx);
    const news = facts.flatMap(({ id, tenantId, ...of }) => {
      const { state, code, message, userAction, connectedAt } = statusOfChannel(of);
      const said = `${state} ${code}`;
      if (known.get(id) === said) return [];
      const data = { channelId: id, state, code, message, userAction, connectedAt };
      return [{ channelId: id, tenantId, said, data: JSON.stringify(data) }];
    });
    await this.rows.sayChannels(tx, news);
  }

  private async sayQueues(
    tx: Tx,
    known: Readonly<Record<string, string>>,
    queues: readonly QueueView[],
  ): Promise<Record<string, string>> {
    const said: Record<string, string> = { ...known };
    for (const queue of queues) {
      const text = JSON.stringify(queue);
      if (said[queue.name] === text) continue;
      said[queue.name] = text;
      await this.rows.sayQueue(tx, queue);
    }
    return said;
  }

  /** While Redis is away there is nothing to say of queues. */
  private async queues(): Promise<readonly QueueView[]> {
    try {
      return await Promise.all(this.desk.names.map((name) => this.desk.look(name)));
    } catch (error) {
      this.logger.debug('queues not looked at', { error });
      return [];
    }
  }
}
